import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { issuers } from './issuers.js';

@Access()
@Controller()
class WhoAmI {
  @Get('me')
  me(@Caller() caller: Caller): Caller {
    return caller;
  }
}
class App {}

const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'issuers-'));

/** The lines of policy below a heading, as a team copies them. */
function linesOf(heading: string): string {
  const section = page.split(/^### /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const block = /^```yaml\n([\s\S]*?)^```/m.exec(section)?.[1];
  if (block === undefined) throw new Error(`docs/access.md has no lines for ${heading}`);
  return block;
}

/** The section that has an issuer below each of its headings. */
const section = page.split(/^## /m).find((text) => text.startsWith('Issuers\n')) ?? '';
const headings = [...section.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading);

describe('docs/access.md', () => {
  it('has a token of every issuer that it names in the tests', () => {
    expect(headings).toEqual(issuers.map(({ heading }) => heading));
    expect(headings.length).toBeGreaterThanOrEqual(8);
  });
});

describe.each(issuers)('with the lines for $heading', (shape) => {
  let key: SigningKey;
  let server: Issuer;
  let gateway: Gateway;
  let url = '';
  let iss = '';

  beforeAll(async () => {
    key = await signingKey('key-1', shape.algorithm);
    server = await Issuer.start(key);
    const written = linesOf(shape.heading);
    iss = /^ *issuer: (.+)$/m.exec(written)?.[1] ?? '';
    // Its keys come from this machine; nothing else is changed.
    const access = written.replace(/^( *jwks:) .+$/m, `$1 ${server.jwks}`).replace(/^/gm, '  ');
    const file = join(folder, `${headings.indexOf(shape.heading)}.yaml`);
    writeFileSync(
      file,
      `bff: shop\nlisten: { port: 0, adminPort: 0 }\nlog: { file: '${file}.log' }\naccess:\n${access}\n`,
    );
    gateway = createGateway(
      { module: App, controllers: [WhoAmI] },
      { loaded: loadConfig(file, { env: {}, environment: 'test' }) },
    );
    ({ url } = await gateway.start());
  });
  afterAll(async () => {
    await gateway.close();
    await server.stop();
  });

  const token = (claims: object, header: object, by = key): Promise<string> =>
    tokenOf(
      by,
      // The members that the fixture adds are removed, so that the token holds only those of this issuer.
      { iss, aud: undefined, scope: undefined, sub: undefined, ...claims },
      { typ: undefined, ...header },
    );
  const ask = async (text: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${text}` } });
    return [response.status, await response.json()];
  };
  const status = async (claims: object, header: object = shape.header, by = key): Promise<number> =>
    (await ask(await token({ ...shape.access, ...claims }, header, by)))[0];

  it('its access token identifies the caller', async () => {
    const [answered, caller] = await ask(await token(shape.access, shape.header));
    expect(answered).toBe(200);
    expect(caller).toEqual(shape.caller);
  });

  it('its ID token is refused', async () => {
    expect((await ask(await token(shape.id, shape.idHeader)))[0]).toBe(401);
    expect((await ask(await token({ ...shape.id, nonce: 'n-0S6_WzA2Mj' }, shape.idHeader)))[0]).toBe(401);
  });

  it('a token for another API, of another issuer, of another key or without an end is refused', async () => {
    expect(await status(shape.elsewhere)).toBe(401);
    expect(await status({ iss: 'https://id.evil.example' })).toBe(401);
    expect(await status({ iss: `${iss}/` })).toBe(401);
    expect(await status({}, shape.header, await signingKey('key-1', shape.algorithm))).toBe(401);
    expect(await status({ exp: undefined })).toBe(401);
    expect(await status({ aud: undefined, azp: undefined, client_id: undefined })).toBe(401);
  });

  it('a token of a type that this issuer does not write is refused', async () => {
    for (const typ of ['logout+jwt', 'dpop+jwt', 'none', '', ' JWT', 7]) expect(await status({}, { typ })).toBe(401);
    const isUntyped = shape.header['typ'] === undefined;
    expect(await status({}, isUntyped ? { typ: 'JWT' } : {})).toBe(401);
  });

  it('the log says why a token was refused, the response does not', async () => {
    const [, problem] = await ask(await token({ ...shape.access, ...shape.elsewhere }, shape.header));
    expect(JSON.stringify(problem)).not.toMatch(/aud|azp|client_id|names none/);
    const log = join(folder, `${headings.indexOf(shape.heading)}.yaml.log`);
    await expect.poll(() => readFileSync(log, 'utf8')).toMatch(/"status":401.*" names none of [^"]+"/);
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

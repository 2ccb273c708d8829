import { Controller, Get } from '@nestjs/common';
import { Access } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { policyFile } from './policy-file.js';

@Controller()
class Orders {
  @Access()
  @Get('orders')
  orders(): object {
    return {};
  }
}

let key: SigningKey;
let issuer: Issuer;
let gateway: Gateway;

beforeEach(async () => {
  key = await signingKey('k', 'ES256');
  issuer = await Issuer.start(key);
});
afterEach(async () => {
  await gateway.close();
  await issuer.stop();
});

const jwt = (jwks: string, name = 'id'): string =>
  `{ issuer: https://${name}.example.test, audience: mobile-bff, jwks: '${jwks}', algorithms: [ES256] }`;

async function start(access: string): Promise<string> {
  gateway = createGateway(
    { module: class {}, controllers: [Orders] },
    { loaded: loadConfig(policyFile(`access: ${access}`), { env: {}, environment: 'test' }) },
  );
  return (await gateway.start()).url;
}

const ask = async (url: string): Promise<number> =>
  (await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${await tokenOf(key)}` } })).status;

describe('the keys of an issuer', () => {
  it('are fetched once the app listens, and the first request waits for no fetch', async () => {
    const url = await start(`{ jwt: ${jwt(issuer.jwks)} }`);
    await expect.poll(() => issuer.fetches, { timeout: 10_000 }).toBe(1);
    // A fetch of the request itself would never end.
    issuer.respond = () => undefined;
    expect(await ask(url)).toBe(200);
    expect(issuer.fetches).toBe(1);
  });

  it('are fetched of each issuer', async () => {
    const other = `${issuer.origin}/other.json`;
    await start(`{ issuers: { one: ${jwt(issuer.jwks)}, two: ${jwt(other, 'two')} } }`);
    await expect.poll(() => issuer.paths.toSorted(), { timeout: 10_000 }).toEqual(['/jwks.json', '/other.json']);
  });

  it('are no condition of a start: F26, the issuer hangs', async () => {
    let release = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      issuer.respond = (_, response) => {
        resolve();
        release = () => void response.end(JSON.stringify({ keys: issuer.keys }));
      };
    });
    const url = await start(`{ jwt: ${jwt(issuer.jwks)} }`);
    await asked;
    const pending = ask(url);
    release();
    expect(await pending).toBe(200);
    expect(issuer.fetches).toBe(1);
  });

  it('are no condition of a start: F26, nothing listens there', async () => {
    const { jwks } = issuer;
    await issuer.stop();
    const url = await start(`{ jwt: ${jwt(jwks)} }`);
    expect(await ask(url)).toBe(502);
    issuer = await Issuer.start(key);
  });

  it('are not fetched by an app that is only described', async () => {
    const loaded = loadConfig(policyFile(`access: { jwt: ${jwt(issuer.jwks)} }`), { env: {}, environment: 'test' });
    gateway = createGateway({ module: class {}, controllers: [Orders] }, { loaded });
    await gateway.describe();
    expect(issuer.fetches).toBe(0);
  });
});

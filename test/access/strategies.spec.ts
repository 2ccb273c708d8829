import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Injectable } from '@nestjs/common';
import { Access, Caller, Public, type RequestHead } from '@frontage/auth';
import { createGateway, type Gateway } from '@frontage/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '@frontage/config';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { passport, PassportStrategy } from '../../libs/auth/src/fixtures/own-strategy.js';
import { policyFile } from './policy-file.js';

@Controller()
class WhoAmI {
  @Access({ role: 'staff' })
  @Get('staff')
  staff(@Caller() caller: Caller): Caller {
    return caller;
  }
  @Access()
  @Get('me')
  me(@Caller() caller: Caller): Caller {
    return caller;
  }
  @Public()
  @Get('open')
  open(): string {
    return 'open';
  }
}

/** A Basic strategy in the shape of those that are on npm: it calls the verify function with name and password. */
class BasicStrategy extends passport.Strategy {
  private readonly verify: (name: string, password: string, done: (error: unknown, user?: unknown) => void) => void;
  constructor(verify: (name: string, password: string, done: (error: unknown, user?: unknown) => void) => void) {
    super();
    this.verify = verify;
  }
  override authenticate({ headers: { authorization = '' } }: RequestHead): void {
    const [scheme, text = ''] = authorization.split(' ');
    if (scheme !== 'Basic') return this.fail('Basic realm="shop"', 401);
    const [name = '', password = ''] = Buffer.from(text, 'base64').toString().split(':');
    this.verify(name, password, (error, user) => {
      if (error !== null) this.error(error instanceof Error ? error : new Error('failed'));
      else if (user === false) this.fail('Basic realm="shop"', 401);
      else this.success(Object(user));
    });
    return undefined;
  }
}

@Injectable()
class DirectoryStrategy extends PassportStrategy(BasicStrategy, 'directory') {
  validate(name: string, password: string): Caller | false {
    return password === 'secret' ? { subject: name, scopes: [], roles: ['staff'] } : false;
  }
}

describe('a strategy of the team beside tokens', () => {
  let key: SigningKey;
  let issuer: Issuer;
  let gateway: Gateway;
  let url = '';
  const policy = (strategies: string): string =>
    policyFile(
      `access: { strategies: ${strategies}, jwt: { issuer: https://id.example.test, audience: mobile-bff, jwks: '${issuer.jwks}' } }`,
    );
  const app = (strategies: string, providers = [DirectoryStrategy]): Gateway =>
    createGateway(
      { module: class {}, controllers: [WhoAmI], providers },
      { loaded: loadConfig(policy(strategies), { env: {}, environment: 'test' }) },
    );

  beforeAll(async () => {
    key = await signingKey('k', 'ES256');
    issuer = await Issuer.start(key);
    gateway = app('[jwt, directory]');
    ({ url } = await gateway.start());
  });
  afterAll(async () => {
    await gateway.close();
    await issuer.stop();
    passport.unuse('directory');
  });
  const ask = async (path: string, authorization?: string) => {
    const response = await fetch(url + path, { headers: authorization === undefined ? {} : { authorization } });
    return { status: response.status, text: await response.text() };
  };
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it('identifies callers on each guarded route', async () => {
    expect(await ask('/staff', basic('ada:secret'))).toMatchObject({
      status: 200,
      text: '{"subject":"ada","scopes":[],"roles":["staff"]}',
    });
    expect(await ask('/me', `Bearer ${await tokenOf(key)}`)).toMatchObject({ status: 200 });
    expect((await ask('/staff', `Bearer ${await tokenOf(key)}`)).status).toBe(403);
  });

  it.each([
    ['a wrong password', basic('ada:guess'), 401],
    ['another scheme', 'Digest username="ada"', 401],
    ['no credentials', undefined, 401],
    ['an empty header', '', 401],
    ['a malformed bearer token', 'Bearer a b', 401],
  ])('refuses %s', async (_name, authorization, status) => {
    expect((await ask('/me', authorization)).status).toBe(status);
    expect((await ask('/open', authorization)).status).toBe(200);
  });

  it('must be registered by a provider, or the app does not start', async () => {
    passport.unuse('directory');
    const missing = app('[jwt, directory]', []);
    await expect(missing.start()).rejects.toThrow(/no provider of this app registers a Passport strategy "directory"/);
  });
});

describe('docs/access.md', () => {
  it('says how a strategy of the team is written', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
    expect(page).toContain("extends PassportStrategy(BasicStrategy, 'directory')");
  });

  it.each([
    ['Opaque tokens', { strategies: ['introspection'] }],
    ['API keys', { strategies: ['apiKeys'] }],
  ])('has lines for %s that the start accepts', (heading, expected) => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
    const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
    const lines = (/^```yaml\n([\s\S]*?)^```/m.exec(section)?.[1] ?? '').replace(/^/gm, '  ');
    const env = { INTROSPECTION_SECRET: 'secret' };
    expect(loadConfig(policyFile(`access:\n${lines}`), { env, environment: 'test' }).access).toMatchObject(expected);
  });

  it('has lines for several issuers that the start accepts', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
    const section = page.split(/^## /m).find((text) => text.startsWith('Several issuers\n')) ?? '';
    const lines = /^```yaml\n([\s\S]*?)^```/m.exec(section)?.[1] ?? '';
    const { access } = loadConfig(policyFile(lines), { env: {}, environment: 'test' });
    expect(Object.keys(access?.issuers ?? {})).toEqual(['staff', 'partners']);
    expect(access?.issuers['partners']).toMatchObject({ algorithms: ['EdDSA', 'PS256'], subjectPrefix: 'partners:' });
  });
});

import 'reflect-metadata';
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { attachRequestContext, RequestContext, type Caller as VerifiedCaller } from '@frontage/context';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from './fixtures/issuer.js';
import { AccessControl, AuthModule, Caller, TokenVerifier } from './index.js';

let key: SigningKey;
let issuer: Issuer;
beforeAll(async () => {
  key = await signingKey('k-1', 'ES256');
  issuer = await Issuer.start(key);
});
afterAll(() => issuer.stop());

@Controller()
class HandWritten {
  @Get('guarded')
  @UseGuards(AuthGuard('jwt'))
  guarded(@Req() request: { user: VerifiedCaller }): VerifiedCaller {
    return request.user;
  }

  @Get('caller')
  caller(@Caller() caller: Caller): Caller {
    return caller;
  }
}

const jwt = () => ({ issuer: issuer.issuer, audience: 'mobile-bff', jwks: issuer.jwks, algorithms: ['ES256'] });

async function appOn(adapter: FastifyAdapter | ExpressAdapter) {
  @Module({ imports: [AuthModule.forRoot({ jwt: jwt() })], controllers: [HandWritten] })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] }).compile();
  const app = module.createNestApplication(adapter, { logger: false });
  app.use(
    (
      request: { readonly headers: Record<string, string>; readonly url?: string },
      _response: unknown,
      next: () => void,
    ) => {
      if (request.headers['x-caller'] !== undefined) {
        const context = new RequestContext('r-1', 0, 'GET', '192.0.2.1', request.headers);
        context.caller = { subject: request.headers['x-caller'], scopes: [], roles: [] };
        attachRequestContext(request, context);
      }
      next();
    },
  );
  await app.listen(0, '127.0.0.1');
  return app;
}

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('on %s', (_name, adapter) => {
  it("a team's own AuthGuard('jwt') accepts the tokens that the gateway accepts, and no others", async () => {
    const app = await appOn(adapter());
    const ask = async (authorization?: string) => {
      const response = await fetch(`${await app.getUrl()}/guarded`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      return [response.status, response.status === 200 ? await response.json() : undefined];
    };
    await expect(ask(`Bearer ${await tokenOf(key, { roles: ['editor'] })}`)).resolves.toEqual([
      200,
      { subject: 'ada', scopes: ['home:read', 'cart:write'], roles: ['editor'] },
    ]);
    await expect(ask()).resolves.toEqual([401, undefined]);
    await expect(ask('Basic YTpi')).resolves.toEqual([401, undefined]);
    await expect(ask(`Bearer ${await tokenOf(key, { aud: 'web-bff' })}`)).resolves.toEqual([401, undefined]);
    // passport-jwt alone would accept this token; our verifier refuses it.
    await expect(ask(`Bearer ${await tokenOf(key, { nonce: 'id-token' }, { typ: 'JWT' })}`)).resolves.toEqual([
      401,
      undefined,
    ]);
    await app.close();
  });

  it('@Caller() gives a handler the caller of its request', async () => {
    const app = await appOn(adapter());
    const response = await fetch(`${await app.getUrl()}/caller`, { headers: { 'x-caller': 'ada' } });
    await expect(response.json()).resolves.toEqual({ subject: 'ada', scopes: [], roles: [] });
    const outside = await fetch(`${await app.getUrl()}/caller`);
    expect(outside.status).toBe(500);
    await app.close();
  });
});

describe('the module', () => {
  it('provides the verifier of JWTs', async () => {
    const module = await Test.createTestingModule({ imports: [AuthModule.forRoot({ jwt: jwt() })] }).compile();
    await expect(module.get(TokenVerifier).verify(await tokenOf(key))).resolves.toMatchObject({ subject: 'ada' });
    expect(module.get(AccessControl)).toBeInstanceOf(AccessControl);
  });

  it("provides a team's own verifier in its place", async () => {
    class Own extends TokenVerifier {
      verify(token: string): VerifiedCaller {
        return { subject: token, scopes: [], roles: [] };
      }
    }
    const module = await Test.createTestingModule({ imports: [AuthModule.forRoot({ verifier: new Own() })] }).compile();
    expect(module.get(TokenVerifier).verify('opaque')).toMatchObject({ subject: 'opaque' });
  });

  it('does not start without a way to identify callers, nor with two', async () => {
    await expect(Test.createTestingModule({ imports: [AuthModule.forRoot({})] }).compile()).rejects.toThrow(
      'found neither of jwt and verifier',
    );
    await expect(
      Test.createTestingModule({
        imports: [AuthModule.forRoot({ jwt: { ...jwt(), algorithms: ['HS256'] } })],
      }).compile(),
    ).rejects.toThrow('jwt.algorithms');
  });
});

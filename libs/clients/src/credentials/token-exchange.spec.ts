import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextOf } from '../fixtures/operations.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenExchange, type TokenExchangeOptions } from './token-exchange.js';

/** Gives each subject token a token of its own, good for five minutes. */
const exchanging: RawReply = (socket, request) => {
  const subject = new URLSearchParams(request.body).get('subject_token') ?? '';
  rawReplies.json({
    access_token: `for-orders-${subject}-${request.index}`,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 300,
  })(socket, request);
};

async function made(options: Partial<TokenExchangeOptions> = {}, reply: RawReply = exchanging) {
  const server = await RawServer.start(reply);
  onTestFinished(() => server.stop());
  const clock = new ManualClock();
  const endpoint = new TokenEndpoint({
    tokenUrl: `${server.url}/token`,
    clientId: 'shop',
    authentication: { method: 'client_secret_basic', secret: () => 's3cret' },
    timeoutMs: 20_000,
    send: (url, { headers, body, signal }) => fetch(url, { method: 'POST', headers, body, signal }),
    clock,
  });
  const wish = { header: 'authorization', scope: ['orders:read'], audience: ['orders'], resource: [], maxTokens: 100 };
  return { server, clock, exchange: new TokenExchange({ ...wish, ...options }, endpoint, clock) };
}

function of(subject: string, bearerToken: string | undefined = `token-of-${subject}`) {
  const context = contextOf();
  context.caller = { subject, scopes: [], roles: [] };
  context.bearerToken = bearerToken;
  return context;
}

describe('token exchange', () => {
  it('asks for a token in the form of RFC 8693, once per caller', async () => {
    const { server, exchange } = await made({ requestedTokenType: 'urn:ietf:params:oauth:token-type:jwt' });
    const ada = await Promise.all(Array.from({ length: 50 }, async () => exchange.valueFor(of('ada'))));
    expect(new Set(ada)).toEqual(new Set(['Bearer for-orders-token-of-ada-0']));
    expect(await exchange.valueFor(of('bob'))).toBe('Bearer for-orders-token-of-bob-1');
    expect(exchange.valueFor(of('ada'))).toBe('Bearer for-orders-token-of-ada-0');
    expect(server.requests).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'token-of-ada',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      scope: 'orders:read',
      audience: 'orders',
    });
  });

  it('takes another token of the same caller as another one', async () => {
    const { exchange } = await made();
    const [first, second] = [await exchange.valueFor(of('ada', 't1')), await exchange.valueFor(of('ada', 't2'))];
    expect(first).not.toBe(second);
  });

  it('gives a token that is no access token as it is, in a field of its own', async () => {
    const reply = rawReplies.json({ access_token: 'txn', issued_token_type: 'urn:x', token_type: 'N_A' });
    const { exchange } = await made({ header: 'txn-token' }, reply);
    expect(await exchange.valueFor(of('ada'))).toBe('txn');
  });

  it('sends nothing for a request without a caller, and fails for a caller without a token', async () => {
    const { server, exchange } = await made();
    expect(exchange.valueFor(contextOf())).toBeUndefined();
    const withKey = of('partner');
    withKey.bearerToken = undefined;
    expect(() => exchange.valueFor(withKey)).toThrow(/has no token that could be exchanged/);
    expect(server.requests).toEqual([]);
  });

  it('does not ask again for five seconds where a caller was refused', async () => {
    const { server, clock, exchange } = await made({}, rawReplies.json({ error: 'invalid_target' }, {}, 400));
    await expect(exchange.valueFor(of('ada'))).rejects.toMatchObject({ isRefusal: true });
    expect(() => exchange.valueFor(of('ada'))).toThrow('400 invalid_target');
    await expect(exchange.valueFor(of('bob'))).rejects.toMatchObject({ isRefusal: true });
    expect(server.requests).toHaveLength(2);
    server.reply = exchanging;
    clock.skip(5_000);
    expect(await exchange.valueFor(of('ada'))).toMatch(/for-orders/);
  });

  it('holds no more tokens than it may', async () => {
    const { exchange } = await made({ maxTokens: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await exchange.valueFor(of(name));
    expect(exchange.size).toBe(3);
  });

  it('drops the tokens of revoked callers at the next call of anyone', async () => {
    const revoked = { epoch: 0, isRevoked: ({ subject }: { readonly subject: string }) => subject === 'ada' };
    const { exchange } = await made({ revoked });
    for (const name of ['ada', 'bob']) await exchange.valueFor(of(name));
    expect(exchange.size).toBe(2);
    revoked.epoch = 1;
    await exchange.valueFor(of('bob'));
    expect(exchange.size).toBe(1);
  });
});

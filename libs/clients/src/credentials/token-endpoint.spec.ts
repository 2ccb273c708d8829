import { generateKeyPairSync } from 'node:crypto';
import { importJWK, jwtVerify } from 'jose';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CredentialsError } from './credential-source.js';
import { readSigningKeys } from './signing-keys.js';
import { TokenEndpoint, type ClientAuthentication, type SendForm } from './token-endpoint.js';

const token = { access_token: 'issued-1', token_type: 'Bearer', expires_in: 300 };
const basic: ClientAuthentication = { method: 'client_secret_basic', secret: () => 's3cret :%' };

const send: SendForm = (url, { headers, body, signal }) =>
  fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });

async function endpoint(reply: RawReply, authentication = basic, timeoutMs = 20_000) {
  const server = await RawServer.start(reply);
  onTestFinished(() => server.stop());
  const clock = new ManualClock();
  const options = { tokenUrl: `${server.url}/token`, clientId: 'shop bff', authentication, timeoutMs, send, clock };
  return { server, clock, endpoint: new TokenEndpoint(options) };
}

const ask = (made: { readonly endpoint: TokenEndpoint }, parameters = new URLSearchParams({ scope: 'a b' })) =>
  made.endpoint.request('client_credentials', parameters);

async function failureOf(made: { readonly endpoint: TokenEndpoint }): Promise<CredentialsError> {
  const error: unknown = await ask(made).catch((thrown: unknown) => thrown);
  if (error instanceof CredentialsError) return error;
  throw new Error('it gave a token', { cause: error });
}

describe('a token endpoint', () => {
  it('is asked by client_secret_basic, in the form of RFC 6749', async () => {
    const made = await endpoint(rawReplies.json(token));
    expect(await ask(made)).toEqual({ value: 'issued-1', lifetimeMs: 300_000 });
    const [request] = made.server.requests;
    if (request === undefined) throw new Error('nothing was sent');
    const { method, target, headers, body } = request;
    expect([method, target, headers['content-type']]).toEqual([
      'POST',
      '/token',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ]);
    const login = Buffer.from(headers['authorization']?.slice(6) ?? '', 'base64').toString();
    expect(
      login
        .split(':')
        .map(decodeURIComponent)
        .map((text) => text.replaceAll('+', ' ')),
    ).toEqual(['shop bff', 's3cret :%']);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ grant_type: 'client_credentials', scope: 'a b' });
  });

  it('is asked by client_secret_post', async () => {
    const made = await endpoint(rawReplies.json(token), { method: 'client_secret_post', secret: () => 's3cret' });
    await ask(made);
    const [request] = made.server.requests;
    expect(request?.headers['authorization']).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toMatchObject({
      client_id: 'shop bff',
      client_secret: 's3cret',
    });
  });

  it.each(['ec', 'ed25519', 'rsa'] as const)('is asked by private_key_jwt with a key of %s', async (type) => {
    const { privateKey } =
      type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : type === 'rsa'
          ? generateKeyPairSync('rsa', { modulusLength: 2048 })
          : generateKeyPairSync('ed25519');
    const keys = { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k9' }] };
    const [key] = readSigningKeys(JSON.stringify(keys));
    const made = await endpoint(rawReplies.json(token), {
      method: 'private_key_jwt',
      key: () => key,
      audience: 'https://id.example.test',
    });
    await ask(made);
    const form = Object.fromEntries(new URLSearchParams(made.server.requests[0]?.body));
    expect(form).toMatchObject({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_id: 'shop bff',
    });
    const { payload, protectedHeader } = await jwtVerify(
      form['client_assertion'] ?? '',
      await importJWK(key.publicJwk, key.alg),
    );
    expect(protectedHeader.kid).toBe('k9');
    expect(payload).toMatchObject({ iss: 'shop bff', sub: 'shop bff', aud: 'https://id.example.test' });
    expect(payload.jti).toMatch(/\S/);
  });

  it.each<[string, RawReply, string]>([
    ['an error of OAuth', rawReplies.json({ error: 'invalid_client' }, {}, 401), 'refused: 401 invalid_client'],
    ['an error of the server', rawReplies.json({}, {}, 500), 'gave no token'],
    [
      'a page',
      rawReplies.bytes('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1\r\n\r\nx'),
      'gave no token',
    ],
    ['no token', rawReplies.json({ token_type: 'Bearer' }), 'gave no token'],
    ['a token of another type', rawReplies.json({ ...token, token_type: 'mac' }), 'gave no token'],
    [
      'a token that would break the header',
      rawReplies.json({ ...token, access_token: 'a\r\nx: y' }),
      'cannot be carried',
    ],
    ['a redirect', rawReplies.redirect(307, 'http://127.0.0.1:1/token'), 'gave no token'],
    ['a reset', rawReplies.reset(), 'gave no token'],
  ])('that responds with %s gives no token, and no message has a secret', async (_name, reply, message) => {
    const made = await endpoint(reply);
    const error = await failureOf(made);
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/s3cret|issued-1/);
    expect(error.isRefusal).toBe(false);
    expect(made.server.requests).toHaveLength(1);
  });

  it('that hangs is given up after its timeout', async () => {
    const made = await endpoint(rawReplies.silence(), basic, 50);
    expect((await failureOf(made)).message).toMatch(/did not respond within 50 ms/);
  });

  it('is left alone for five seconds while it fails', async () => {
    const made = await endpoint(rawReplies.json({}, {}, 503));
    for (let time = 0; time < 5; time++) await failureOf(made);
    expect((await failureOf(made)).message).toMatch(/is left alone/);
    expect((await failureOf(made)).retryAfterMs).toBeGreaterThan(0);
    expect(made.server.requests).toHaveLength(5);
    made.server.reply = rawReplies.json(token);
    await made.clock.advance(5_000);
    expect((await ask(made)).value).toBe('issued-1');
  });

  it('that refuses one caller is not left alone by others', async () => {
    const made = await endpoint(rawReplies.json({ error: 'invalid_grant' }, {}, 400));
    for (let time = 0; time < 8; time++) expect((await failureOf(made)).isRefusal).toBe(true);
    expect(made.server.requests).toHaveLength(8);
  });
});

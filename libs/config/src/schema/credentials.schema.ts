import { z } from 'zod';
import { address, choice, duration, flag, secret, text, texts, whole } from './values/fields.js';
import { proxy } from './network.schema.js';

const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The client that this app is at an authorization server, and the token that it asks for. */
const tokenClient = {
  tokenUrl: address('Token endpoint of the authorization server.', { protocols: ['http:', 'https:'] }),
  proxy: proxy("In place of the app's `proxy`, for the token endpoint.").optional(),
  clientId: text('The client that this app is there.'),
  clientSecret: secret('Its secret.').optional(),
  clientSecretFile: text(
    'File with its secret, from the folder of this policy. It is read again when it changes.',
  ).optional(),
  privateKeyFile: text(
    'File with a JWK set of private keys, from the folder of this policy, in place of a secret: the first key signs (RFC 7523). It is read again when it changes.',
  ).optional(),
  authentication: choice('Proof of the client (RFC 6749 section 2.3.1, RFC 7523 section 2.2).', [
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
  ])
    .optional()
    .meta({ 'x-default': '`private_key_jwt` with `privateKeyFile`, else `client_secret_basic`' }),
  assertionAudience: text('`aud` of what the private key signs: the issuer, or what the server wants there.')
    .optional()
    .meta({ 'x-default': 'the `tokenUrl`' }),
  scope: texts('Scopes that the token is asked for.', { expected: 'a scope', matches: scopeToken }).optional(),
  audience: texts('`audience` of the request, for servers that choose the upstream by it.').optional(),
  resource: texts('`resource` of the request (RFC 8707): the address of the upstream.').optional(),
  timeout: duration('For one request to the token endpoint.', '1ms', '1m').prefault('1s'),
};

const clientCredentials = z.strictObject(tokenClient).meta({
  description:
    'A token of this app itself (grant `client_credentials`, RFC 6749 section 4.4): fetched once for all calls, and renewed before it expires.',
});

const tokenExchange = z
  .strictObject({
    ...tokenClient,
    requestedTokenType: text('`requested_token_type` of the request. Left out: the server decides.').optional(),
    maxTokens: whole('Callers whose tokens stay in memory.', 1, 1_000_000).prefault(10_000),
  })
  .meta({
    description:
      "A token for this upstream in exchange for the caller's token (RFC 8693), kept per caller until it expires. The caller's own token is not sent to the upstream.",
  });

export const credentials = z
  .strictObject({
    header: text(
      'Header field that carries the secret or the token. In `authorization`, `Bearer` stands before a token.',
      {
        expected: 'the name of a header field',
        matches: fieldName,
        lowerCase: true,
      },
    ).prefault('authorization'),
    value: secret('The whole value of the field, such as `Bearer ${ORDERS_TOKEN}`.').optional(),
    file: text(
      'File with the secret, from the folder of this policy. It is read again when it changes; a line break at its end does not count.',
    ).optional(),
    scheme: text(
      'The word before the secret of the file, such as `Bearer`. Left out: the file holds the whole value.',
      {
        expected: 'one word',
        matches: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
      },
    ).optional(),
    clientCredentials: clientCredentials.optional(),
    tokenExchange: tokenExchange.optional(),
  })
  .meta({
    description:
      'Proof towards this upstream of who is asking: exactly one of `value`, `file`, `clientCredentials` and `tokenExchange`. See `docs/credentials.md`.',
  });

export const sendsUserContext = flag(
  'Sends the identity of the caller, as a short token that this app signs, in the field `Txn-Token`. Needs `userContext` of the app.',
).prefault(false);

export const userContextSchema = z
  .strictObject({
    audience: text('The trust domain that the tokens are for: `aud`.'),
    keysFile: text(
      'File with a JWK set of private keys, from the folder of this policy: the first key signs, the public part of each is at `/jwks.json` of the admin port. It is read again when it changes.',
    ),
    issuer: text('`iss` of the tokens. Left out: none.').optional(),
    workload: text('`req_wl` of the tokens.').optional().meta({ 'x-default': 'the name of the app' }),
    lifetime: duration('Lifetime of a token.', '1s', '15m').prefault('1m'),
  })
  .meta({
    description:
      'Tokens that tell upstreams who the caller of a request is (OAuth transaction tokens). See `docs/credentials.md`.',
  });

import { z } from 'zod';
import { address, choice, duration, flag, offOr, secret, text, texts } from './values/fields.js';
import { proxy } from './network.schema.js';
import { apiKeys, dpop, dpopOfIssuer, headerName, opa } from './access-blocks.schema.js';
import { sessionsSchema } from './sessions.schema.js';

const symmetric = 'a secret shared with the issuer cannot be checked against its public keys';

/** Names between single dots: `a..b` is no path. */
const claim = {
  expected: 'the name of a claim, or a path to it such as realm_access.roles',
  matches: /^(?!.*\.\.)[^.\s](?:[^\s]*[^.\s])?$/,
};

const keys = z
  .strictObject({
    refresh: duration(
      'Keys older than this are fetched again in the background. Keys twice as old wait for the fetch (a second at most) and are used only where it fails: a key that the issuer withdraws is refused after twice this time, also by an app without traffic.',
      '1s',
      '24h',
    ).prefault('30s'),
    maxAge: duration(
      'The last good keys are used for this long while the issuer cannot be reached.',
      '1s',
      '720h',
    ).prefault('24h'),
    timeout: duration('For one fetch of the keys.', '1ms', '1m').prefault('5s'),
  })
  .meta({ description: "How long the issuer's keys are used." });

const namedClaim = z
  .strictObject({
    kind: choice('The kind of its value; `texts` is a list of texts, or one text.', [
      'text',
      'texts',
      'number',
      'flag',
    ]),
    claim: text('The claim, or the path to it. Left out: the name.', claim).optional(),
    required: flag('A token without it, or with a value of another kind, is refused with 401.').prefault(false),
  })
  .meta({ description: 'A claim of the token.' });

const namedClaims = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, { message: 'expected letters and digits, a letter first' }),
    namedClaim,
  )
  .prefault({})
  .meta({
    description:
      'Claims that plans and handlers see as `caller.claims`, by the name that they get there. No other claim is seen.',
  });

const thumbprint = {
  expected: 'the SHA-256 of a certificate as 64 hex digits, with or without colons, or as base64url',
  matches: /^(?:[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}|[A-Za-z0-9_-]{43})$/,
};

const certificateCaller = z
  .strictObject({
    thumbprint: texts('SHA-256 of the certificate; two while a certificate is replaced.', thumbprint).optional(),
    san: texts('An alternative name of the certificate, with its kind.', {
      expected: 'a name with its kind, such as DNS:depot.acme.example or URI:spiffe://acme.example/depot',
      matches: /^[A-Za-z][A-Za-z ]*:./,
    }).optional(),
    subject: texts('The distinguished name of the certificate as RFC 4514 writes it.', {
      expected: 'a distinguished name, the most specific part first, such as CN=depot,O=Acme,C=DE',
      matches: /^[A-Za-z0-9.]+=/,
    }).optional(),
    scopes: texts('Scopes of the caller.').optional(),
    roles: texts('Roles of the caller.').optional(),
    tenant: text('Tenant of the caller.').optional(),
    quota: text('Rate class in place of the limits per caller of each route.').optional(),
  })
  .meta({ description: 'The certificates of a caller, and its rights.' });

const certificate = z
  .strictObject({
    from: choice(
      'The certificate is that of the connection (`listen.tls.clientCertificates`), or the one that a proxy which ends TLS names in the header `Client-Cert` (RFC 9440).',
      ['connection', 'proxy'],
    ).prefault('connection'),
    proxies: texts('Addresses and networks of those proxies; the header of any other peer is not read.', {
      expected: 'an IP address or a network such as 10.0.0.0/8',
      matches: /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/,
    }).optional(),
    callers: z
      .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/), certificateCaller)
      .prefault({})
      .meta({ description: 'Callers by name: the name is the subject and the `app` of the caller.' }),
    file: text(
      'File of further callers in JSON, from the folder of this policy; it is read again when it changes.',
    ).optional(),
    reload: duration('Time between two looks at the file.', '100ms', '1h').prefault('2s'),
    cache: duration(
      'A certificate is not looked up again for this long, unless the callers change.',
      '0ms',
      '1m',
    ).prefault('1m'),
  })
  .meta({ description: 'Callers that are known by their client certificates: see `docs/tls.md`.' });

const introspection = z
  .strictObject({
    url: address('Introspection endpoint of the authorization server (RFC 7662).', { protocols: ['http:', 'https:'] }),
    proxy: proxy("In place of the app's `proxy`, for introspection.").optional(),
    clientId: text('The client that this app is there.'),
    clientSecret: secret('Its secret.'),
    issuer: text('The response must name it in `iss`. Left out: not compared.').optional(),
    audience: z
      .union([
        z.literal('off'),
        texts('One of these must be in `aud`; `off` where the server decides by the client that asks.'),
      ])
      .meta({
        description: 'One of these must be in `aud`; `off` where the server decides by the client that asks.',
        'x-written': 'text, or a list of such, or `off`',
      }),
    scopeClaim: texts('As `jwt.scopeClaim`.', claim).prefault(['scope', 'scp']),
    rolesClaim: texts('As `jwt.rolesClaim`.', claim).prefault('roles'),
    tenantClaim: text('As `jwt.tenantClaim`.', claim).prefault('tenant'),
    requiredClaims: texts('Members that every response must have.', claim).optional(),
    claims: namedClaims,
    cache: duration(
      'An active token is accepted for this long without another question; never beyond its `exp`.',
      '0ms',
      '1m',
    ).prefault('30s'),
    timeout: duration('For one question.', '1ms', '1m').prefault('1s'),
    clockSkew: duration('Tolerance on `exp` and `nbf`.', '0ms', '1m').prefault('5s'),
    dpop: dpopOfIssuer.optional(),
  })
  .meta({ description: 'Opaque tokens, which the authorization server is asked about.' });

const jwt = z
  .strictObject({
    issuer: text('Must equal `iss`.'),
    subjectPrefix: text(
      'Stands before each `sub`, because two issuers may give the same `sub` to two persons. `off` for issuers that share their users.',
    )
      .optional()
      .meta({ 'x-default': 'none for `jwt`; the name of the issuer and a colon below `issuers`' }),
    audience: texts('One of these must be in the `audienceClaim`.'),
    audienceClaim: text(
      'Claim with the audience of a token. Issuers that leave `aud` out or empty name the client in another claim: `azp`, `client_id`. `aud` is not read then.',
      claim,
    ).prefault('aud'),
    jwks: address("The issuer's public keys (RFC 7517).", { protocols: ['http:', 'https:'] }),
    proxy: proxy("In place of the app's `proxy`, for the keys.").optional(),
    algorithms: z
      .array(
        choice(
          'A signature algorithm.',
          ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
          { none: 'a token without a signature proves nothing', HS256: symmetric, HS384: symmetric, HS512: symmetric },
        ),
      )
      .min(1)
      .prefault(['RS256', 'ES256'])
      .meta({
        description: 'Signature algorithms that are accepted.',
        'x-written': 'list of asymmetric JWS algorithms',
      }),
    types: texts(
      'Values of the header `typ` that are accepted, in any case of letters; `none` means a token without one.',
      { expected: 'a media type without "application/", such as at+jwt', matches: /^[!#$%&'*+.^_`|~0-9A-Za-z/-]+$/ },
    ).prefault(['at+jwt', 'JWT']),
    clockSkew: duration('Tolerance on `exp`, `nbf` and `iat`.', '0ms', '1m').prefault('5s'),
    maxTokenAge: duration('Longest time since `iat`. Left out: `exp` alone decides.', '1s', '720h').optional(),
    requiredClaims: texts(
      'Claims that every token must have. Left out: a token that nothing marks as an access token (`typ: at+jwt`, `token_use`, the claim `typ`) must have a `scopeClaim`, because it could be an ID token.',
      claim,
    ).optional(),
    scopeClaim: texts(
      'Claims with the scopes of the caller, all of them together: a list, or one text with blanks between them.',
      claim,
    ).prefault(['scope', 'scp']),
    rolesClaim: texts(
      'Claims with the roles of the caller, all of them together: a list, or one role. Dots lead into objects: `realm_access.roles`.',
      claim,
    ).prefault('roles'),
    tenantClaim: text('Claim with the tenant of the caller.', claim).prefault('tenant'),
    claims: namedClaims,
    tokenCache: duration(
      'A verified token is accepted for this long without verifying it again; never beyond its `exp`, and never after the issuer withdraws a key.',
      '0ms',
      '1m',
    ).prefault('1m'),
    keys: keys.prefault({}),
    dpop: dpopOfIssuer.optional(),
  })
  .meta({ description: 'The tokens that are accepted.' });

const strategy = {
  expected: 'jwt, apiKeys, introspection, certificate, session, or the name of a Passport strategy of this app',
  matches: /^[A-Za-z][A-Za-z0-9_.-]*$/,
};

export const accessSchema = z.strictObject({
  strategies: texts(
    'Passport strategies that identify callers, in the order in which they run: `jwt`, `apiKeys`, `introspection`, `certificate`, `session`, and names that providers of this app register with Passport.',
    strategy,
  )
    .optional()
    .meta({ 'x-default': 'all that have a block here' }),
  tokenHeaders: texts(
    'Header fields in which tokens are looked for. A field other than `authorization` holds the token alone; a proxy in front of this app must remove or replace what clients send there.',
    headerName,
  ).prefault(['authorization']),
  jwt: offOr(jwt).optional(),
  issuers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), jwt)
    .prefault({})
    .meta({
      description:
        'Several issuers, by name, each with the keys of `jwt`. Keys that one leaves out are those of `jwt`.',
    }),
  apiKeys: apiKeys.optional(),
  introspection: introspection.optional(),
  certificate: certificate.optional(),
  dpop: dpop.optional(),
  opa: offOr(opa).optional(),
  sessions: sessionsSchema(namedClaims, claim).optional(),
  revocationKeep: duration(
    'A revocation is kept for this long: not less than the longest life of a token.',
    '1m',
    '8760h',
  ).prefault('24h'),
});

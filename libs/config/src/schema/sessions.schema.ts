import { z } from 'zod';
import { address, choice, duration, flag, secret, text, texts, whole } from './values/fields.js';
import { proxy } from './network.schema.js';

const web = ['http:', 'https:'] as const;

/** RFC 3986 section 3.3, without a second slash at the start, which leads to another host. */
const path = { expected: 'a path such as /bye', matches: /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/ };

const headerName = { expected: 'the name of a header field', matches: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/ };

const scopeToken = { expected: 'a scope', matches: /^[\x21\x23-\x5b\x5d-\x7e]+$/ };

/**
 * @param claims `claims` of a token
 * @param claim the form of the name of a claim
 */
export function sessionsSchema<C extends z.ZodType>(claims: C, claim: { expected: string; matches: RegExp }) {
  const provider = z
    .strictObject({
      issuer: address(
        'Its address: that of its discovery document, without `/.well-known/...`, and `iss` of its tokens.',
        {
          protocols: web,
          base: true,
        },
      ),
      proxy: proxy("In place of the app's `proxy`, for this provider.").optional(),
      clientId: text('The client that this app is there.'),
      clientSecret: secret('Its secret. Left out: `privateKey`.').optional(),
      clientAuthentication: choice('The way in which the secret is sent.', [
        'client_secret_basic',
        'client_secret_post',
      ]).prefault('client_secret_basic'),
      privateKey: text(
        'File of the private key (PEM) that this app proves itself with (`private_key_jwt`), from the folder of this policy.',
      ).optional(),
      privateKeyAlgorithm: choice('The algorithm of that key.', ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA']).prefault(
        'ES256',
      ),
      privateKeyId: text('The `kid` of that key. Left out: none is sent.').optional(),
      scopes: texts('Scopes that are requested, beside `openid`.', scopeToken),
      parameters: z
        .record(z.string().regex(/^[a-z][a-z0-9_]*$/), text('Its value.'))
        .prefault({})
        .meta({
          description:
            'Further parameters of the authorization request, such as `audience` (Auth0), `resource` (RFC 8707) or `access_type: offline` (Google).',
        }),
      pushedRequests: flag(
        'Sends authorization requests by the back channel (RFC 9126). Left out: where the provider requires it.',
      ).optional(),
      dpop: flag(
        'Binds the tokens of each session to a key of its own (RFC 9449): upstreams with `forwardAuthorization` get a proof with each call. A login whose tokens are not bound is refused.',
      ).prefault(false),
      idTokenHint: flag(
        'Sends the ID token along when a browser is sent to the logout of this provider: for providers that ask for it. Otherwise no token leaves this app.',
      ).prefault(false),
      subjectPrefix: text('As `issuers.<name>.subjectPrefix`.')
        .optional()
        .meta({ 'x-default': 'none for one provider; for several the name and a colon' }),
      rolesClaim: texts('As `jwt.rolesClaim`, in the ID token.', claim).prefault('roles'),
      tenantClaim: text('As `jwt.tenantClaim`, in the ID token.', claim).prefault('tenant'),
      claims,
      timeout: duration('For one request to the provider.', '100ms', '1m').prefault('5s'),
    })
    .meta({ description: 'An OpenID provider.' });

  return z
    .strictObject({
      url: address(
        'Address at which browsers see this app, with the path below which its routes are: `https://shop.example`. Redirect URIs begin with it.',
        { protocols: web, base: true },
      ),
      providers: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), provider).meta({
        description:
          'OpenID providers, by name. The first one is that of `/login`; `/login?provider=<name>` chooses another. The redirect URI of each is `<url>/callback/<name>`.',
      }),
      keys: z.array(secret('A secret of 32 characters or more.')).min(1).optional().meta({
        description:
          'Secrets that sessions are encrypted with: the first one encrypts, all of them decrypt. Left out, with `keysFile` too: a random one, which ends with the process.',
        'x-written': 'list of secrets; write `${VARIABLE}`',
      }),
      keysFile: text(
        'File of such secrets, one a line, from the folder of this policy. It is read again when it changes. Its first one encrypts then, and those in `keys` decrypt.',
      ).optional(),
      idle: duration('A session ends after this time without a request.', '1m', '720h').prefault('30m'),
      lifetime: duration(
        'A session ends this long after the login at the latest, and always with its refresh token.',
        '1m',
        '8760h',
      ).prefault('12h'),
      refreshAhead: duration(
        'Access tokens are refreshed so long before they expire, after half of their life at the earliest.',
        '0ms',
        '1h',
      ).prefault('1m'),
      csrfHeader: text(
        'Header field that each request with a session must have, with the value `1`.',
        headerName,
      ).prefault('x-csrf'),
      navigation: choice(
        'A browser that opens a page without a session gets 401 (`refuse`), or is sent to `/login` (`login`). With `login`, pages of this origin may be opened without the `csrfHeader`.',
        ['refuse', 'login'],
      ).prefault('refuse'),
      afterLogout: text('Path that a browser goes to after a logout.', path).prefault('/'),
      maxSessions: whole(
        'Sessions in memory, without `redis`: beyond it, the one that was used least recently ends.',
        1,
        1_000_000,
      ).prefault(10_000),
    })
    .meta({
      description:
        'Sessions of browsers: `/login`, `/callback/<name>`, `/logout`, `/backchannel-logout`, `/session`. They are in `redis`, where there is one.',
    });
}

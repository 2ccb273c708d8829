import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.js';

const pemLabels = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'];

/** Every place in which a secret without blanks and quotes was ever found in a log. */
const places: Readonly<Record<string, (secret: string) => string>> = {
  'a variable': (s) => `PGPASSWORD=${s} psql -h db`,
  'a variable of MySQL': (s) => `MYSQL_PWD=${s}`,
  'an exported variable': (s) => `export DB_PASSWORD=${s}`,
  'a variable with a quote in it': (s) => `DB_PASSWORD=a"b'${s}`,
  'a session': (s) => `session_id=${s}; path=/`,
  'a session of Java': (s) => `JSESSIONID=${s}`,
  'a session of PHP': (s) => `PHPSESSID=${s}`,
  'a session of Express': (s) => `connect.sid=${s}`,
  'a private key in a form': (s) => `private_key=${s}&x=1`,
  'a query': (s) => `GET /orders?access_token=${s}&limit=3 failed`,
  'a query with a code': (s) => `https://app.test/callback?code=${s}&x=1`,
  'a query with a key': (s) => `https://maps.test/api?key=${s}`,
  'a signed URL of AWS': (s) => `https://b.s3.test/x?X-Amz-Signature=${s}`,
  'a signed URL of Azure': (s) => `https://b.blob.test/x?sv=2024&sig=${s}`,
  'a nested form': (s) => `user[password]=${s}`,
  'an encoded form': (s) => `user%5Bpassword%5D=${s}`,
  'an encoded query': (s) => `next=%2Flogin%3Fpassword%3D${s}`,
  'a header': (s) => `authorization: ${s}`,
  'a header with a scheme': (s) => `Authorization: Bearer ${s}`,
  'a bearer token': (s) => `token refused: Bearer x${s}9`,
  'a proxy header': (s) => `Proxy-Authorization: Basic ${s}`,
  'an API key': (s) => `X-Api-Key: ${s}`,
  'an API key with a prefix': (s) => `apikey=${s}`,
  'a cookie': (s) => `Cookie: theme=dark; sid=${s}; lang=de`,
  'a cookie that is set': (s) => `set-cookie: id=${s}; HttpOnly`,
  'Digest credentials': (s) => `Digest username="ada", realm="x", nonce="n", uri="/", response="${s}"`,
  'Digest credentials in a header': (s) => `authorization: Digest username="ada", response=${s}`,
  'AWS credentials': (s) => `AWS4-HMAC-SHA256 Credential=AK/x, SignedHeaders=host, Signature=${s}`,
  'Hawk credentials': (s) => `Hawk id="x", mac="${s}"`,
  JSON: (s) => JSON.stringify({ user: 'ada', password: s, x: 1 }),
  'JSON in JSON': (s) => JSON.stringify({ body: JSON.stringify({ clientSecret: s }) }),
  'JSON in JSON in JSON': (s) => JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: s }) }) }),
  'a header in JSON': (s) => JSON.stringify({ headers: { Authorization: `Bearer ${s}`, accept: '*/*' } }),
  'a list in JSON': (s) => JSON.stringify({ passwords: ['x', s] }),
  'an object in JSON': (s) => JSON.stringify({ credentials: { user: 'ada', word: s } }),
  'raw headers': (s) => `[ 'Host', 'x', 'Authorization', 'Bearer ${s}' ]`,
  'cookies of an inspected object': (s) => `{ 'set-cookie': [ 'a=1', 'b=${s}' ] }`,
  'an inspected object': (s) => `{ clientSecret: '${s}', port: 1 }`,
  'a Map': (s) => `Map(1) { 'password' => '${s}' }`,
  XML: (s) => `<login><user>ada</user><password>${s}</password></login>`,
  YAML: (s) => `db:\n  password: ${s}\n  host: x`,
  'a block of YAML': (s) => `secret: |\n  ${s}\nhost: x`,
  'an option': (s) => `mysql --password ${s} -h db`,
  'an option with =': (s) => `mysql --password=${s}`,
  curl: (s) => `curl -u ada:${s} https://x.test`,
  SQL: (s) => `CREATE USER ada WITH PASSWORD '${s}'`,
  'a connection string of .NET': (s) => `Server=db;User Id=sa;Password=${s};Database=x`,
  'a connection string of Azure': (s) =>
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${s}==;EndpointSuffix=y`,
  'a connection string of libpq': (s) => `host=db user=ada password=${s} dbname=x`,
  'a connection string of Go': (s) => `root:${s.replaceAll(/[/:()]/g, '_')}@tcp(db:3306)/shop`,
  'a URL': (s) => `connect to postgres://ada:${encodeURIComponent(s)}@db:5432/shop failed`,
  'a URL without a user': (s) => `redis://:${encodeURIComponent(s)}@cache:6379`,
  'a URL of a name alone': (s) => `https://${encodeURIComponent(s)}@x.test/`,
  'a URL of an odd scheme': (s) => `mongodb+srv://ada:${s}@cluster.test/db`,
  'a URL that is not encoded': (s) => `amqp://ada:p/${s}#?@mq/vhost`,
  'an HTTP URL that is not encoded': (s) => `http://ada:p@${s}@proxy.test:3128/`,
  'an encoded URL': (s) => `url=https%3A%2F%2Fada%3A${encodeURIComponent(s)}%40x.test`,
  'a JWT': (s) => `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(s).toString('base64url')}.${Buffer.from(s).toString('hex')}`,
  ...Object.fromEntries(
    pemLabels.map((label) => [
      label,
      (s: string) => `-----BEGIN ${label}-----\nMIIE${s}\nabc${s}\n-----END ${label}----- and more`,
    ]),
  ),
  'a PEM that is cut': (s) => `key: -----BEGIN PRIVATE KEY-----\\nMIIE${s}\\n${s}`,
  'a PEM in JSON': (s) => JSON.stringify({ pem: `-----BEGIN EC PRIVATE KEY-----\n${s}\n-----END EC PRIVATE KEY-----` }),
};

const surrounded = fc.constantFrom('', 'Error: ', 'cannot start: ', '> ', '\n', 'a\nb ', '(', '{"msg":"x"} ', '..');

describe('redaction', () => {
  // Unusual characters of a password, without those that end a word or are encoded.
  const secret = fc
    .stringMatching(/^[A-Za-z0-9!$*+./:_~^|-]{4,30}[A-Za-z0-9]$/)
    .filter((text) => /\d/.test(text) && /[a-z]/i.test(text) && !/^\W|eyJ/.test(text));

  it.each(Object.entries(places))('takes a secret out of %s', (_name, place) => {
    fc.assert(
      fc.property(secret, surrounded, surrounded, (text, before, after) => {
        const whole = `${before}${place(`Q${text}`)}${after}`;
        for (const shown of [text, encodeURIComponent(text), Buffer.from(`Q${text}`).toString('hex')])
          expect(redact(whole)).not.toContain(shown);
      }),
      { numRuns: 25 },
    );
  });

  it('takes any text at all out of JSON, however deep its strings are nested', () => {
    const text = fc.string({ minLength: 8, unit: 'grapheme' }).filter((one) => one.trim().length >= 8);
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('password', 'apiKey', 'Authorization', 'session_id'),
        fc.integer({ min: 0, max: 3 }),
        (value, name, depth) => {
          let json = JSON.stringify({ [name]: `${value}!end!` });
          for (let i = 0; i < depth; i++) json = JSON.stringify({ inner: json });
          expect(redact(json)).not.toContain('!end!');
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    'AKIAIOSFODNN7EXAMPLE',
    'ASIAIOSFODNN7EXAMPLE',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz',
    'glpat-abcdefghij1234567890',
    'xoxb-1234567890-abcdefghijkl',
    ['sk', 'live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_'),
    'npm_abcdefghijklmnopqrstuvwxyz0123456789',
    'AIzaSyA1234567890abcdefghijklmnopqrstuv',
    'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln',
    'eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d',
    'Basic YTpi',
    'Bearer abcdefgh',
    'Negotiate YIIJvwYGKwYBBQUC',
    'ada.lovelace@example.test',
  ])('takes %s out wherever it stands', (text) => {
    const core = text.split(' ').at(-1) ?? '';
    expect(redact(`before ${text} after`)).not.toContain(core);
    expect(redact(JSON.stringify({ x: text }))).not.toContain(core);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'connect ECONNREFUSED ::1:5432 at tokenize (file:///app/node_modules/@nestjs/core/router.js:10:4)',
    'at Object.<anonymous> (/app/node_modules/.pnpm/pg-pool@3.6.1/node_modules/pg-pool/index.js:45:11)',
    'GET https://packages.example.test/@nestjs/core returned 404',
    'GET https://shop.test:8443/@ada/posts?sort=name&limit=3#top returned 200',
    'http://[::1]:4100/livez and http://127.0.0.1:4100/@x',
    'docker pull ghcr.io/acme/app:1.2@sha256:0123456789abcdef',
    'left-pad@1.3.0 and @scope/name@2.0.0-beta.1',
    'Unexpected token } in JSON at position 12',
    'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    "Cannot read properties of undefined (reading 'password')",
    'the password is wrong, the token has expired, and no session was found',
    'password: must have at least 8 characters',
    'token: expected a string, found nothing',
    'access.jwt.keys: maxAge (90s) is shorter than twice refresh (1m)',
    'password authentication failed for user "postgres"',
    'the basic idea of bearer tokens; Basic authentication; a Bearer token is missing',
    'Bearer error="invalid_token", realm="shop", scope="orders:read"',
    'maxCachedTokens: 10000, tokenCount=3, secretsManager is unavailable',
    'traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'id 6f1c2d3e-aaaa-4bbb-8ccc-0123456789ab at 2026-01-01T00:00:00.000Z took 12.5 ms',
    'pass: 12, fail: 0, sid 7 of 9',
    'error code: ECONNRESET, key: orders:1, state: open, hash: abc',
    'orders.getOrder: 503 after 2 attempts (timeout: 800ms, limit=20)',
    '{"level":"info","route":"/orders/{id}","status":200,"code":"GW_OK"}',
    '// a comment: x, y and z',
    'C:\\app\\dist\\main.js:12:3',
    'at read (/app/src/secret-store.ts:120:13), at /app/dist/session-token.js:7:3\npolicy/secrets.yaml:3:5  expected a duration',
    'schema-qualified name public.users, column "token_hash" does not exist',
    'password: null, token: undefined, secret: true',
  ])('leaves "%s" as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('leaves sentences, numbers, paths and ids as they are', () => {
    const word = fc.constantFrom(
      ...'the a token password secret session key cookie bearer basic was not found in file order user failed with code while reading of and authorization digest signature auth'.split(
        ' ',
      ),
    );
    const thing = fc.oneof(
      fc.uuid(),
      fc.ipV4(),
      fc.ipV6(),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom('/app/dist/main.js:10:4', 'https://shop.test/orders/7?limit=3', 'GW_INTERNAL', 'a@1.2.3', '12ms'),
    );
    // A scheme or a name is followed by a word: by a thing, it may well be a secret.
    const sentence = fc
      .array(fc.oneof({ weight: 3, arbitrary: word.map((one) => `${one} was`) }, { weight: 1, arbitrary: thing }))
      .map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(sentence, (text) => {
        expect(redact(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing where it has been', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(places)), secret, (place, text) => {
        const once = redact(place(text));
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it('takes out what its bound would cut in two', () => {
    for (const [name, place] of Object.entries(places)) {
      const text = place('Qs3cret-17');
      for (let before = 3_900; before <= 4_010; before += 23)
        expect([name, redact(`${'x '.repeat(before / 2)}${text}${' y'.repeat(4_000)}`)]).toEqual([
          name,
          expect.not.stringContaining('s3cret-17'),
        ]);
      for (let before = 7_900; before <= 8_010; before += 23)
        expect(redact(`${'password=1234567 '.repeat(before / 17)}${text}`)).not.toContain('s3cret-17');
    }
  });

  it('takes time in proportion to the length of every text', () => {
    const pieces = [
      'a',
      'a.',
      'a@',
      'eyJ',
      'eyJaaaa.',
      'token=',
      'token="',
      'token=,',
      'token=\\"',
      'token={',
      "token='",
      'token>',
      'cookie: ',
      '://',
      '//a:',
      '//a@',
      ' ',
      '"',
      '\\',
      '-----BEGIN A-----',
      '--a ',
      '-u a:',
      '%2F%2F',
      '%22',
      'a%3D',
      'a:b@',
      'a;',
      '[',
      'a]',
      'Bearer ',
      'digest a=',
      "password '",
      'password: ',
      '\n',
      'a=>',
      '<password>',
      'A_',
      '$',
      '%',
      'a://',
      'a+.-',
      '+',
      '-',
      '.',
    ];
    for (const piece of pieces) {
      const text = piece.repeat(100_000);
      const took = [0, 1, 2].map(() => {
        const startedAt = performance.now();
        redact(text);
        return performance.now() - startedAt;
      });
      expect([piece, Math.min(...took) < 200]).toEqual([piece, true]);
      const redacted = redact(text);
      expect(redacted.length).toBeLessThanOrEqual(4_003);
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void redact(text)));
  });
});

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';
import { describe, expect, it } from 'vitest';

/** Attacks on the edge of HTTP (H), on identity and rights (A), on limits, caches and logs (R), each with the promise that its tests keep. */
const rows: Readonly<Record<string, string>> = {
  H1: 'a request that can be read in two ways is refused, and the connection is closed',
  H2: 'slow, idle, pipelined and endless requests end by a bound',
  H3: 'a body above its limit is refused, declared or not; a malformed form ends nothing',
  H4: 'header fields have one reading and a bound',
  H5: 'no spelling of a path leads past the rule of its route',
  H6: 'methods: overriding, unknown, `TRACE`, `HEAD`, `OPTIONS`',
  H7: 'header fields of proxies are read from proxies alone',
  H8: 'a content type has one reading; no unchecked body reaches a handler',
  H9: 'header fields of a connection take nothing from a request and add nothing to it',
  H10: 'no value ends a header field, a redirect or a cookie early',
  H11: 'nothing of a service passes to the client that is not listed',
  H12: 'pages of other origins: a list, never any origin',
  H13: 'a refusal costs the same whatever body follows',
  A1: 'a signature is verified exactly (RFC 7515 to 7519)',
  A2: 'a public key is never the secret of an HMAC; the algorithm is bound to the key',
  A3: 'a token does not choose its key: `jku`, `x5u`, `x5c`, `jwk`, `kid`, `crit`, `b64`',
  A4: 'issuer, audience, times and kind of a token; no token of another BFF',
  A5: "the issuer's keys: rotation, floods, failures, redirects, weak keys",
  A6: 'API keys: compared in constant time, revoked, never logged, no rights of another partner',
  A7: 'sessions of browsers (RFC 10017)',
  A8: 'requests that another site makes a browser send (CSRF)',
  A9: 'objects and functions of another caller (BOLA, BFLA), over every route',
  A10: 'members that no contract declares, in requests and responses',
  A11: 'credentials go only to upstreams that declare them',
  A12: 'one value stays one value in path, query and header of an upstream',
  A13: 'no request and no response chooses a host (SSRF)',
  A14: 'no input pollutes a prototype',
  A15: 'a member that is named twice has one reading',
  A16: 'no pattern and no parser takes more than linear time',
  A17: 'values that requests share cannot be changed by functions',
  A18: 'a value that an upstream decodes once more does not climb',
  A19: 'a key that the issuer withdraws is refused in time, also by an app without traffic',
  A20: 'a token that is bound to a key is worth nothing without a proof of it (RFC 9449)',
  R1: 'limits are exact, also over several processes, and their keys cannot be chosen',
  R2: 'no caller sees what was cached for another one',
  R3: 'nothing outside of the key of a cache changes what it holds',
  R4: 'errors and partial results are not kept as good ones',
  R5: 'logs, traces and metrics have no secret, no forged line, and bounded labels',
  R6: 'apps that share a store share nothing else',
};

interface Tagged {
  readonly row: string;
  readonly name: string;
  readonly file: string;
}

/** Tests whose names, or whose comment above, name a row. */
function taggedTests(): readonly Tagged[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.spec.ts', '*.e2e-spec.ts'], {
    cwd: workspaceRoot,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => file !== '')
    .flatMap((file) => {
      const text = readFileSync(join(workspaceRoot, file), 'utf8');
      const named = [...text.matchAll(/^ *(?:describe|it)(?:\.\w+)?(?:<[^>]*>)?\([^'"`]{0,2000}?(['"`])(.*?)\1,/gms)];
      return named.flatMap(([, , name = '']) =>
        [...name.matchAll(/\b[AHR]\d{1,2}\b/g)].map(([row]) => ({ row, name: name.split('\n')[0] ?? '', file })),
      );
    });
}

const tests = taggedTests();

// `npx vitest run test/attacks/rows --reporter=verbose` prints the rows with their tests.
describe.each(Object.entries(rows))('%s: %s', (row) => {
  const own = tests.filter((test) => test.row === row);

  it('has a test', () => {
    expect(own).not.toEqual([]);
  });

  it.each(own)('is attacked in $file by "$name"', ({ file }) => {
    expect(file).toMatch(/\.(?:e2e-)?spec\.ts$/);
  });
});

it('no test names a row that does not exist', () => {
  expect(tests.filter(({ row }) => !Object.hasOwn(rows, row))).toEqual([]);
});

import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigNode, MappingNode } from './document/document.js';
import { policyFiles, mistakesOf, least } from './fixtures/policy-files.js';
import { loadConfig } from './load-config.js';
import { merge, toPlain } from './document/tree.js';

const env = {};
const upstream = 'upstreams:\n  orders: { urls: [http://orders.test] }\n';

describe('a file that extends another', () => {
  it('keeps the keys of the base and replaces them by its own, key by key', () => {
    const file = policyFiles({
      'apps/mobile/bff.yaml': `extends: ../../policy/base.yaml\n${least}limits: { maxBody: 2MiB }\n${upstream}`,
      'policy/base.yaml': 'extends: ground.yaml\nlimits: { maxBody: 1MiB, maxHeader: 8KiB }\n',
      'policy/ground.yaml': 'limits: { maxHeader: 4KiB, requestTimeout: 20s }\n',
    });
    expect(loadConfig(file, { env }).limits).toMatchObject({
      maxBodyBytes: 2_097_152,
      maxHeaderBytes: 8_192,
      requestTimeoutMs: 20_000,
    });
  });

  it('replaces lists, and never joins them', () => {
    const file = policyFiles({
      'bff.yaml': `extends: base.yaml\n${least}rateClasses: { write: [{ per: app, limit: 5, window: 1s }] }\n`,
      'base.yaml':
        'rateClasses: { write: [{ per: user, limit: 1, window: 1s }, { per: app, limit: 9, window: 1s }] }\n',
    });
    expect(loadConfig(file, { env }).rateClasses['write']).toEqual([{ per: 'app', limit: 5, windowMs: 1_000 }]);
  });

  it('names a base that is not there, at the key that names it', () => {
    const file = policyFiles({ 'bff.yaml': `${least}extends: ../policy/bse.yaml\n` });
    expect(mistakesOf(() => loadConfig(file, { env }))).toEqual([
      expect.stringMatching(/^bff\.yaml:3:10 {2}there is no file .*bse\.yaml$/),
    ]);
  });

  it('is named where it does not exist', () => {
    const file = join(policyFiles({ 'other.yaml': least }), '..', 'bff.yaml');
    expect(mistakesOf(() => loadConfig(file, { env }))).toEqual(['bff.yaml:1:1  there is no file bff.yaml']);
  });

  it('refuses a circle', () => {
    const file = policyFiles({
      'bff.yaml': `extends: a.yaml\n${least}`,
      'a.yaml': 'extends: b.yaml\n',
      'b.yaml': 'extends: a.yaml\n',
    });
    expect(mistakesOf(() => loadConfig(file, { env }))).toEqual([
      'b.yaml:1:10  these files extend each other: a.yaml -> b.yaml -> a.yaml',
    ]);
  });

  it('does not choose its base by a variable', () => {
    const file = policyFiles({ 'bff.yaml': `extends: "\${BASE}"\n${least}` });
    expect(mistakesOf(() => loadConfig(file, { env: { BASE: 'x' } }))).toEqual([
      'bff.yaml:1:10  expected the path of a file, without variables',
    ]);
  });

  it('has a mistake of the base named in the base', () => {
    const file = policyFiles({
      'bff.yaml': `extends: base.yaml\n${least}`,
      'base.yaml': '# ours\nlimits:\n  maxBdy: 1MiB\n',
    });
    expect(mistakesOf(() => loadConfig(file, { env }))).toEqual([
      'base.yaml:3:3  unknown key "maxBdy"; did you mean "maxBody"?',
    ]);
  });
});

describe('an overlay', () => {
  const files = {
    'bff.yaml': `${least}log: { level: debug, requests: false }\n`,
    'bff.production.yaml': 'log: { level: warn }\n',
  };

  it('extends the file when its environment runs', () => {
    const file = policyFiles(files);
    expect(loadConfig(file, { env: { NODE_ENV: 'production' } }).log).toEqual({ level: 'warn', requests: false });
    expect(loadConfig(file, { env: {} }).log).toEqual({ level: 'debug', requests: false });
  });

  it('is chosen by the caller, then FRONTAGE_ENV, then NODE_ENV, then development', () => {
    const file = policyFiles({ 'bff.yaml': least });
    const both = { FRONTAGE_ENV: 'staging', NODE_ENV: 'production' };
    expect(loadConfig(file, { env: both, environment: 'test' }).environment).toBe('test');
    expect(loadConfig(file, { env: both }).environment).toBe('staging');
    expect(loadConfig(file, { env: { NODE_ENV: 'production' } }).environment).toBe('production');
    expect(loadConfig(file, { env: {} }).environment).toBe('development');
  });

  it('is never a path', () => {
    const file = policyFiles({ 'bff.yaml': least });
    expect(mistakesOf(() => loadConfig(file, { env: { FRONTAGE_ENV: '../../etc/x' } }))).toEqual([
      'bff.yaml:1:1  expected an environment name of lower case letters, digits and dashes in FRONTAGE_ENV or NODE_ENV',
    ]);
  });

  it('extends and locks nothing itself', () => {
    const file = policyFiles({ ...files, 'bff.production.yaml': 'extends: bff.yaml\nlocked: [log]\n' });
    expect(mistakesOf(() => loadConfig(file, { env, environment: 'production' }))).toEqual([
      'bff.production.yaml:1:1  "extends" belongs in bff.yaml; this file is only an overlay',
      'bff.production.yaml:2:1  "locked" belongs in bff.yaml; this file is only an overlay',
    ]);
  });

  it('does not change where a missing key is reported: in the file itself', () => {
    const file = policyFiles({ ...files, 'bff.yaml': '# nothing yet\nlog: { level: info }\n' });
    expect(mistakesOf(() => loadConfig(file, { env, environment: 'production' }))).toEqual([
      'bff.yaml:2:1  missing key "bff"',
      'bff.yaml:2:1  missing key "listen"',
    ]);
  });
});

describe('a locked key', () => {
  const locking = (base: string, app: string, overlay = '') =>
    mistakesOf(() =>
      loadConfig(
        policyFiles({
          'bff.yaml': `extends: base.yaml\n${least}${app}`,
          'base.yaml': base,
          'bff.test.yaml': `${overlay}deadline: 9s\n`,
        }),
        {
          env,
          environment: 'test',
        },
      ),
    );

  it('is not changed by a file above, and the message names both positions', () => {
    expect(locking('locked: [limits.maxBody]\nlimits: { maxBody: 1MiB }\n', 'limits: { maxBody: 3MiB }\n')).toEqual([
      'bff.yaml:4:11  "limits.maxBody" cannot be changed here: base.yaml:1:10 locks it',
    ]);
  });

  it('is not changed by an overlay either', () => {
    expect(locking('locked: [limits.maxBody]\n', '', 'limits: { maxBody: 3MiB }\n')).toEqual([
      'bff.test.yaml:1:11  "limits.maxBody" cannot be changed here: base.yaml:1:10 locks it',
    ]);
  });

  it('holds for everything below it', () => {
    expect(locking('locked: [upstreamDefaults.breaker]\n', 'upstreamDefaults:\n  breaker: off\n')).toEqual([
      'bff.yaml:5:3  "upstreamDefaults.breaker" cannot be changed here: base.yaml:1:10 locks it',
    ]);
    expect(locking('locked: [upstreamDefaults]\n', 'upstreamDefaults:\n  breaker: { window: 1s }\n')).toEqual([
      'bff.yaml:5:14  "upstreamDefaults.breaker.window" cannot be changed here: base.yaml:1:10 locks it',
    ]);
  });

  it('holds for every name where its path has a star', () => {
    expect(
      locking(
        'locked: [upstreams.*.connections]\n',
        'upstreams:\n  orders:\n    urls: [http://a.test]\n    connections: 1\n',
      ),
    ).toEqual(['bff.yaml:7:5  "upstreams.orders.connections" cannot be changed here: base.yaml:1:10 locks it']);
  });

  it('takes a name with dots in quotes', () => {
    expect(
      locking(
        `locked: ['plans."mobile.home".deadline']\n`,
        'plans: { mobile.home: { deadline: 1s }, mobile.cart: { deadline: 1s } }\n',
      ),
    ).toEqual(['bff.yaml:4:25  "plans."mobile.home".deadline" cannot be changed here: base.yaml:1:10 locks it']);
  });

  it('may be stated again with the same value', () => {
    const file = policyFiles({
      'bff.yaml': `extends: base.yaml\n${least}limits: { maxBody: 1MiB, maxHeader: 2KiB }\n`,
      'base.yaml': 'locked: [limits.maxBody]\nlimits: { maxBody: 1MiB }\n',
    });
    expect(loadConfig(file, { env }).limits.maxHeaderBytes).toBe(2_048);
  });

  it('does not stop the block around it from being switched off', () => {
    const file = policyFiles({
      'bff.yaml': `extends: base.yaml\n${least}access: off\n`,
      'base.yaml': 'locked: [access.jwt.algorithms]\naccess: { jwt: { algorithms: [RS256] } }\n',
    });
    expect(loadConfig(file, { env }).access).toBeUndefined();
  });

  it('must be a key of the policy', () => {
    expect(locking('locked: [limits.maxBdy, upstreams.*.retri.attempts, limit, deadline.ms, 7, "a..b"]\n', '')).toEqual(
      [
        'base.yaml:1:10  "limits.maxBdy" leads to no key of limits: unknown key "maxBdy"; did you mean "maxBody"?',
        'base.yaml:1:25  "upstreams.*.retri.attempts" leads to no key of upstreams.*: unknown key "retri"; did you mean "retry"?',
        'base.yaml:1:53  "limit" leads to no key: unknown key "limit"; did you mean "limits"?',
        'base.yaml:1:60  "deadline.ms" leads to no key: "deadline" has no keys below it',
        'base.yaml:1:73  expected the path of a key, such as limits.maxBody or upstreams.*.retry',
        'base.yaml:1:76  expected the path of a key, such as limits.maxBody or upstreams.*.retry',
      ],
    );
    expect(locking('locked: limits\n', '')).toEqual([
      'base.yaml:1:9  expected a list of key paths, such as [limits.maxBody]',
    ]);
  });
});

describe('merging', () => {
  const position = { file: 'x.yaml', line: 1, column: 1, width: 1, source: '' };
  const hostile = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'a', 'b');
  const { mapping } = fc.letrec<{ node: ConfigNode; mapping: MappingNode }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.integer().map((value): ConfigNode => ({ kind: 'scalar', position, value })),
      tie('mapping'),
    ),
    mapping: fc.array(fc.tuple(hostile, tie('node')), { maxLength: 4 }).map((pairs): MappingNode => ({
      kind: 'mapping',
      position,
      entries: new Map(pairs.map(([key, value]) => [key, { keyPosition: position, value }])),
    })),
  }));

  it('never reaches a prototype, for any keys (A14)', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(mapping, mapping, (base, lower) => {
        const plain = toPlain(merge(base, lower));
        expect(Object.getPrototypeOf(plain)).toBeNull();
        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
      }),
    );
  });

  it('takes a key from the lower file where both have it, and from either where one has', () => {
    fc.assert(
      fc.property(mapping, mapping, (base, lower) => {
        const merged = merge(base, lower);
        expect([...merged.entries.keys()].sort()).toEqual(
          [...new Set([...base.entries.keys(), ...lower.entries.keys()])].sort(),
        );
        for (const [key, { value }] of lower.entries)
          if (value.kind === 'scalar') expect(merged.entries.get(key)?.value).toBe(value);
      }),
    );
  });
});

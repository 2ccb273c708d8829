import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSuites } from './definitions.js';
import { profiles } from './front.js';
import { runSuites, tableOf, type CaseResult } from './run-suites.js';

const suites = await readSuites(fileURLToPath(new URL('cases', import.meta.url)));

/** Good caches do it, and this one does not, because it keeps apart what a client can set and its upstream may have forgotten in `Vary`. */
const notOptimal: Readonly<Record<string, readonly string[]>> = { shared: ['vary-not-named'] };

describe.each(profiles)('a $name cache with `follow: upstream`', (profile) => {
  let results: readonly CaseResult[] = [];
  beforeAll(async () => {
    results = await runSuites(suites, profile);
  });

  it('R2, R4: passes all cases that RFC 9111 requires, and finds none that says nothing', () => {
    const wrong = results.filter(({ kind, result }) => kind === 'required' && result !== 'passed');
    expect(wrong).toEqual([]);
    expect(results.length).toBeGreaterThan(profile.name === 'targeted' ? 8 : 90);
  });

  it('does all that a good cache does, but what is listed here', () => {
    const missed = results.filter(({ kind, result }) => kind !== 'required' && result !== 'passed').map(({ id }) => id);
    expect(missed, tableOf(results)).toEqual(notOptimal[profile.name] ?? []);
  });
});

it('the driver finds a cache that does not do what a case says', async () => {
  const [profile] = profiles;
  const cases = [
    {
      id: 'a',
      name: 'stored',
      requests: [{ response_headers: [['Cache-Control', 'max-age=60']] }, { expected_type: 'not_cached' }],
    },
    {
      id: 'b',
      name: 'not stored',
      requests: [{ response_headers: [['Cache-Control', 'no-store']] }, { expected_type: 'cached' }],
    },
    {
      id: 'c',
      name: 'not validated',
      requests: [{ response_headers: [['ETag', '"a"']] }, { expected_type: 'lm_validated' }],
    },
    { id: 'd', name: 'status', requests: [{ expected_status: 201 }] },
    { id: 'e', name: 'header', requests: [{ expected_response_headers: [['X', '1']] }] },
    { id: 'f', name: 'body', requests: [{ expected_response_text: 'other' }] },
    { id: 'g', name: 'setup', requests: [{ expected_status: 201, setup: true }] },
    { id: 'h', name: 'depends', depends_on: ['a'], requests: [{}] },
  ] as const;
  const unknown = { id: 'i', name: 'unknown', requests: [{ interim_responses: [], check_body: false }] };
  const found = await runSuites([{ id: 's', name: 's', tests: [...cases, unknown] }], profile!);
  expect(found.map(({ id, result }) => `${id} ${result}`)).toEqual([
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => `${id} failed`),
    'g setup',
    'h depends',
    'i unknown',
  ]);
});

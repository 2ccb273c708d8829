import { describe, expect, it } from 'vitest';
import { editPolicy } from './policy-edit.js';
import { unifiedDiff } from './unified-diff.js';

const policy = `# The shop.
bff: tv
upstreams:
  users: { urls: ['\${USERS_URL}'] } # people
  orders:
    urls: ['\${ORDERS_URL}']
    timeout: 600ms # of phones
    hedge: off
  empty: {}
`;
const edited = (value: string, ...path: string[]): string =>
  unifiedDiff('bff.yaml', policy, editPolicy(policy, { path: ['upstreams', ...path], value }) ?? 'none')
    .split('\n')
    .filter((line) => /^[+-](?![+-])/.test(line))
    .join('\n');

describe('an edit of a policy', () => {
  it.each<[path: string[], value: string, diff: string]>([
    [['orders', 'timeout'], '250ms', '-    timeout: 600ms # of phones\n+    timeout: 250ms # of phones'],
    [['users', 'timeout'], '250ms', "-  users: { urls: ['${USERS_URL}'] } # people\n+  users: { urls: ['${USERS_URL}'], timeout: 250ms } # people"], // prettier-ignore
    [['orders', 'concurrency'], '16', '+    concurrency: 16'],
    [['orders', 'hedge', 'after'], '50ms', '-    hedge: off\n+    hedge: { after: 50ms }'],
    [['users', 'hedge', 'after'], '50ms', "-  users: { urls: ['${USERS_URL}'] } # people\n+  users: { urls: ['${USERS_URL}'], hedge: { after: 50ms } } # people"], // prettier-ignore
    [['empty', 'timeout'], '50ms', '-  empty: {}\n+  empty: { timeout: 50ms }'],
  ])('of %j changes its line alone, and keeps comments', (path, value, diff) => {
    expect(edited(value, ...path)).toBe(diff);
  });

  it('is none where the file has no entry of the upstream', () => {
    expect(editPolicy(policy, { path: ['upstreams', 'content', 'timeout'], value: '50ms' })).toBeUndefined();
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';
import { describe, expect, it } from 'vitest';

type Shown = readonly [file: string, ...tests: readonly string[]];

const upstreams = 'test/faults/upstream-faults.spec.ts';
const network = 'test/faults/network.spec.ts';
const attempts = 'test/faults/attempts.spec.ts';
const stack = 'libs/clients/src/call-stack.spec.ts';
const contract = 'libs/clients/src/fixtures/transport-contract.ts';
const cache = 'libs/caching/src/operation-cache.spec.ts';

/** Each fault that Frontage has an answer to, with the tests that show the answer. */
const rows: Readonly<Record<string, readonly Shown[]>> = {
  'F1 an optional upstream fails': [
    [upstreams, 'the page lacks only its part, names it, and is not cached (F1)'],
    [network, 'refuses connections (F1)'],
  ],
  'F2 a required upstream is down': [
    [upstreams, 'a problem within the deadline, which names the part and nothing of the upstream (F2)'],
    [network, 'refuses connections (F2)', 'says nothing (F2)'],
  ],
  'F3 a required upstream says 404, 401 or 403': [[upstreams, '(F3)']],
  'F4 an upstream is slower than its timeout': [
    [
      upstreams,
      'the page comes at the timeout of its call, with the fallback in its place (F4)',
      '504 at the deadline of the plan',
    ],
    [network, 'delays by more than the deadline (F4)'],
  ],
  'F5 an upstream says nothing, or a byte a second': [
    [upstreams, 'its timeout, not more (F5)'],
    [network, 'says nothing (F5)', 'carries twenty bytes a second (F5)'],
  ],
  'F6 a response breaks off': [
    [contract, 'never takes bytes behind a response for the next one (F6)', 'a chunk size that is none'],
    [network, 'resets in the middle of the head (F6)', 'ends in the middle of the body (F6)'],
  ],
  'F7 a response is no JSON': [
    [contract, "'HTML'", "'a byte order mark'", "'invalid UTF-8'", "'truncated JSON'"],
    [upstreams, '(F7)'],
  ],
  'F8 a response departs from its contract': [['libs/clients/src/decode/response-check.spec.ts', 'F8']],
  'F9 numbers that a double cannot hold': [['libs/clients/src/decode/decode.spec.ts', 'F9']],
  'F10 a response is too large': [
    [
      contract,
      "'is announced too large'",
      "'never ends'",
      "'unpacks to a thousand times its size'",
      'a hundred thousand headers',
    ],
  ],
  'F11 redirects': [
    [contract, 'does not follow a redirect with %i (F11)'],
    [
      'libs/clients/src/stages/credentials.stage.spec.ts',
      'on a redirect within the origin, and stay here on one to another',
    ],
  ],
  'F12 Retry-After': [[stack, 'waits as long as Retry-After says, but never past the deadline (F12)']],
  'F13 retries': [
    ['libs/breaker/src/retry.spec.ts', 'F13: sends at most a tenth more calls'],
    [stack, 'adds at most its budget to the load of an upstream that fails'],
  ],
  'F14 breakers': [[attempts, 'sends nothing while it is open', 'sends only its probes once the wait is over']],
  'F15 hedging': [
    ['libs/clients/src/hedging.spec.ts', 'adds at most its share', 'is not sent while the circuit is not closed'],
  ],
  'F16 one slow upstream': [[attempts, 'takes nothing from another one']],
  'F17 the deadline goes upstream': [[stack, 'sends nothing where no time is left, and says what is left otherwise']],
  'F18 a client leaves': [['test/faults/client-gone.spec.ts', 'has every upstream call aborted within 50 ms']],
  'F19 a list of a thousand': [
    [
      'libs/aggregation/src/execution/batch-run.spec.ts',
      'asks once for each key, so many per call and so many calls at a time',
    ],
    [
      'libs/aggregation/src/execution/each-run.spec.ts',
      'keeps the order of the items, so many at a time',
      'fails its item only where it is optional',
    ],
  ],
  'F20 a stampede': [
    [
      cache,
      'F20: makes one load of 1,000 misses',
      'F20: gives a failure to all waiters',
      'ends the wait of each waiter at its own deadline',
    ],
  ],
  'F21 a cache store that is down': [
    [
      'libs/caching/src/shared/redis-tier.spec.ts',
      'F21: adds less than 5 ms when it hangs',
      'F21, F32: goes on in memory while it is down',
    ],
  ],
  'F22 addresses change': [
    [
      'test/faults/addresses.spec.ts',
      'is taken under traffic on kept connections',
      'is not needed where one of several addresses is dead',
    ],
    [contract, 'takes another connection where the kept one was closed under it, for what may be sent twice (F22)'],
  ],
  'F23 the clock jumps': [['test/faults/clock-jump.spec.ts', 'moves no timeout', 'moves no breaker']],
  'F24 overload': [
    ['test/faults/overload.spec.ts', 'it serves who matters, sheds the rest quickly'],
    ['libs/breaker/src/admission/admission.spec.ts', 'under ten times the load that it can serve (F24)'],
  ],
  'F25 SIGTERM under traffic': [
    ['test/process/rolling-restarts.spec.ts', 'F25'],
    ['test/process/endings.spec.ts', "'several processes get SIGTERM', serve"],
  ],
  'F26 a start with dead upstreams': [['test/process/lifecycle.spec.ts', 'F26']],
  'F27 bad policy': [['libs/gateway/src/start.spec.ts', '(F27)']],
  'F28 an hour of faults': [
    ['test/soak/soak.spec.ts', 'holds no more afterwards'],
    ['test/chaos/chaos.spec.ts', 'while faults come and go'],
  ],
  'F29 the same response, whatever the order': [['test/faults/same-response.spec.ts', '(F29)']],
  'F30 readiness heals without traffic': [['test/process/readiness.spec.ts', 'F30']],
  'F31 a name server hangs': [['test/faults/name-servers.spec.ts', '(RELIABILITY F31)']],
  'F32 a shared store changes its role or moves': [['test/attacks/shared-store.spec.ts', 'F32']],
  'F33 clients that do not read': [
    [
      'libs/gateway/src/send-bounds.spec.ts',
      'clients that do not read',
      'are cut off as well where they read a little',
    ],
  ],
  'F34 a client leaves at any moment': [['libs/gateway/src/inbound/client-leaves.spec.ts', '(F34)']],
  'F35 functions of the app throw anything': [
    ['libs/gateway/src/inbound/user-code.spec.ts', 'a function of the app: %s', 'throws a promise that rejects'],
  ],
  'F36 bytes that nobody asked for': [
    ['libs/clients/src/fixtures/unasked-contract.ts', 'never reach the next request'],
  ],
  'F37 every way to end a process': [
    [
      'test/process/endings.spec.ts',
      'one process gets SIGINT',
      'npx of several processes is killed',
      'at once where a second signal comes',
    ],
  ],
};

describe('each fault has a test', () => {
  it('without a gap from F1 to F37', () => {
    const numbers = Object.keys(rows).map((row) => Number(/^F(\d+) /.exec(row)?.[1]));
    expect(numbers).toEqual(Array.from({ length: 37 }, (_, index) => index + 1));
  });

  it.each(Object.entries(rows))('%s', (_, shown) => {
    for (const [file, ...tests] of shown) {
      const text = readFileSync(join(workspaceRoot, file), 'utf8');
      for (const test of tests) expect(text.includes(test), `${file} has no test "${test}"`).toBe(true);
    }
  });
});

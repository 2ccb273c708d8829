import { z } from 'zod';
import { address, choice, duration, offOr, ratio, secret, text, whole } from '../values/fields.js';

const successRate = z
  .strictObject({
    every: duration('Time between two comparisons.', '100ms', '10m').prefault('10s'),
    minimumCalls: whole('Calls of an address in this time that make its rate count.', 1, 1_000_000).prefault(100),
    minimumAddresses: whole('With fewer addresses whose rate counts, none is ejected.', 2, 1_000).prefault(5),
  })
  .meta({
    description:
      'An address is ejected, too, if its rate of successes is 1.9 standard deviations below the average of the addresses. `off`: rates are not compared.',
  });

const eject = z
  .strictObject({
    failures: whole('Failures in a row after which an address gets no calls.', 1, 1_000).prefault(5),
    for: duration('Time without calls, times the number of ejections in a row.', '100ms', '1h').prefault('30s'),
    maxFor: duration('Longest time without calls.', '100ms', '24h').prefault('5m'),
    maxShare: ratio('Most addresses that are ejected at once. One of several always may be, the last one never.', {
      above: true,
    }).prefault('50%'),
    successRate: offOr(successRate).prefault({}),
  })
  .meta({
    description: 'Addresses that fail get no calls for a time. `off`: they get their calls all the same.',
  });

const groups = z.record(
  z.string().regex(/^[A-Za-z][\w-]{0,62}$/),
  z.strictObject({
    weight: whole(
      'Share of the callers in relation to the other groups. 0: only requests that choose it.',
      0,
      1_000_000,
    ),
    urls: z
      .array(address('Address.', { protocols: ['http:', 'https:'], base: true }))
      .min(1)
      .meta({ description: 'Its addresses, each one of `urls`.', 'x-written': 'list of http:// or https:// URLs' }),
  }),
);

const choose = z
  .strictObject({
    header: text('A header field.', {
      expected: 'the name of a header field',
      matches: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
      lowerCase: true,
    }),
    from: choice(
      'The value is the name of a group, set by a proxy in front that removes the header from what clients send. Needs `listen.trustedProxies`.',
      ['proxy'],
    ).optional(),
    key: secret(
      'The value is signed by this key: `<group>.<expiry>.<signature>`, as `docs/balancing.md` says. In place of `from`.',
    ).optional(),
  })
  .meta({ description: 'A header by which a request may choose its group. Left out: none may.' });

const balance = z
  .strictObject({
    by: choice(
      'How an address is chosen: of two random addresses the one with less work (calls under way times latency), in turn by weight, or the same address for the same key.',
      ['least-requests', 'round-robin', 'hash'],
    ).prefault('least-requests'),
    on: text(
      'The key of `by: hash`: the caller, a parameter of the operation in its path or query, or a header field of the request.',
      {
        expected: '`caller`, `path:name`, `query:name` or `header:name`',
        matches: /^(?:caller|(?:path|query|header):[^\s:]+)$/,
      },
    ).optional(),
    weights: z
      .array(whole('A weight.', 1, 1_000))
      .min(1)
      .optional()
      .meta({
        description: 'Weights of the addresses, in the order of `urls`.',
        'x-written': 'list of whole numbers, 1 to 1000',
        'x-default': '1 each',
      }),
    slowStart: duration(
      'Time in which an address that returns gets its share step by step, from a tenth on.',
      '0ms',
      '1h',
    ).prefault('10s'),
    panic: ratio('While fewer addresses than this share are usable, all of them get calls.').prefault('50%'),
    eject: offOr(eject).prefault({}),
    groups: groups.optional().meta({
      description:
        'Groups of addresses by name, such as `stable` and `canary`. Each address belongs to one group, and a caller stays in its group.',
    }),
    choose: choose.optional(),
  })
  .meta({ description: 'How calls are spread over several addresses: see `docs/balancing.md`.' });

const health = z
  .strictObject({
    path: text('Path below the base address that is requested with `GET`; 2xx is good. The body does not matter.', {
      expected: 'a path such as /healthz',
      matches: /^\/[!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]*$/,
    }),
    every: duration('Time between two checks of an address.', '100ms', '1h').prefault('10s'),
    timeout: duration('Longest time of one check.', '1ms', '1m').prefault('1s'),
    healthyAfter: whole('Good checks in a row after which an unhealthy address gets calls again.', 1, 100).prefault(2),
    unhealthyAfter: whole('Bad checks in a row after which an address gets no calls.', 1, 100).prefault(3),
  })
  .meta({ description: 'Health checks of each of several addresses. Left out or `off`: calls alone tell.' });

/** Keys of an upstream that decide about its addresses. */
export const balancingKeys = { balance: balance.optional(), health: offOr(health).optional() };

import { describe, expect, it } from 'vitest';
import { load, least, mistakesOf } from './fixtures/policy-files.js';

const access = (jwks: string) => `${least}access: { jwt: { jwks: "${jwks}", issuer: a, audience: b } }\n`;
const orders = (text: string) => `${least}upstreams:\n  orders:\n    urls: [http://orders.test]\n    ${text}\n`;
const two = (balance: string) =>
  `${least}upstreams:\n  orders:\n    urls: [http://a.test, http://b.test]\n    balance: { ${balance} }\n`;
const secure = (keys: string) => `${least}upstreams: { orders: { urls: [https://a.test], ${keys} } }\n`;
const oneGroup = 'groups: { a: { weight: 1, urls: [http://a.test, http://b.test] } }';

describe('values that contradict each other are refused:', () => {
  it.each([
    [
      'one port for two',
      'bff: a\nlisten: { port: 4001, adminPort: 4001 }\n',
      '2:34  port and adminPort are both 4001; they must differ',
    ],
    [
      'an admin port beyond the last',
      'bff: a\nlisten: { port: 65000 }\n',
      '2:17  the admin port would be 66000, which is no port; state "adminPort"',
    ],
    [
      'timings for nobody',
      `${least}serverTiming: {}\n`,
      '3:15  nobody would get it; add "roles", "scopes" or "everybody: true"',
    ],
    [
      'timings for callers that nobody knows',
      `${least}serverTiming: { roles: [operator] }\n`,
      '3:15  without "access" no caller has a role or a scope; remove "roles" and "scopes"',
    ],
    [
      'a rule of a cache without a time',
      orders('cache: { listOrders: { scope: public } }'),
      '6:26  takes either "ttl" (how long a response is fresh) or "follow: upstream" (it says so itself)',
    ],
    [
      'a time of ours and that of the upstream',
      orders('cache: { listOrders: { ttl: 1m, follow: upstream } }'),
      '6:26  takes either "ttl" (how long a response is fresh) or "follow: upstream" (it says so itself)',
    ],
    [
      'a stale window of ours where the upstream says its own',
      orders('cache: { listOrders: { follow: upstream, staleIfError: 1m } }'),
      '6:60  "staleIfError" is not used with "follow": the upstream says it in its responses',
    ],
    [
      'fields of an upstream that is not followed',
      orders('cache: { listOrders: { ttl: 1m, targets: [CDN-Cache-Control] } }'),
      '6:46  "targets" is not used without "follow"',
    ],
    [
      'a response that varies by a field that is not sent',
      orders('cache: { listOrders: { ttl: 1m, vary: { accept-language: [en] } } }'),
      '6:62  "accept-language" is not sent to this upstream; add it to forwardHeaders',
    ],
    [
      'groups of responses that are followed',
      orders('cache: { listOrders: { follow: upstream } }\n    cacheGroups: true'),
      '6:36  responses that are followed have no groups; write "ttl", or remove "cacheGroups"',
    ],
    [
      'groups of responses that are not cached',
      orders('cacheGroups: true'),
      '6:18  no response of this upstream is cached; list operations under "cache"',
    ],
    [
      'the health of an upstream that does not count',
      orders('healthPath: /healthz'),
      '6:17  "healthPath" is not used without "required: true"',
    ],
    [
      'keys over a connection that can be changed on the way',
      access('http://id.test/jwks'),
      '3:24  keys that are fetched over http: can be replaced on the way, and then any token is accepted; write https: (http: is for this machine only)',
    ],
    [
      'header fields that may take longer than the request',
      `${least}limits: { headersTimeout: 31s }\n`,
      '3:27  headersTimeout (31s) is longer than requestTimeout (30s), which it is part of',
    ],
    [
      'a request shorter than its header fields',
      `${least}limits: { requestTimeout: 2s }\n`,
      '3:27  headersTimeout (10s) is longer than requestTimeout (2s), which it is part of',
    ],
    [
      'a pause in sending that is longer than sending may take',
      `${least}limits: { sendTimeout: 2s }\n`,
      '3:24  sendIdleTimeout (10s) is longer than sendTimeout (2s), which ends before',
    ],
    [
      'a file that is larger than its form may be',
      `${least}limits: { multipart: { maxFile: 100MiB } }\n`,
      '3:33  maxFile (100MiB) is more than maxBody (32MiB), which it is part of',
    ],
    [
      'a rule per role without a role',
      `${least}rateClasses: { a: [{ per: role, limit: 1, window: 1s }] }\n`,
      '3:20  "per: role" needs a "role"',
    ],
    [
      'a role that is not used',
      `${least}rateClasses: { a: [{ per: user, role: gold, limit: 1, window: 1s }] }\n`,
      '3:39  "role" is not used with "per: user"; write "per: role" or remove it',
    ],
    [
      'a rule that says the same as another',
      `${least}rateClasses: { a: [{ per: user, limit: 1, window: 1s }, { per: user, limit: 2, window: 1s }] }\n`,
      '3:57  this rule counts the same as rule 1 of "a"; keep the stricter one',
    ],
    [
      'lists of addresses without a list',
      `${least}addressLists: { reload: 1s }\n`,
      '3:15  names no list; write deny: FILE or allow: FILE, or remove it',
    ],
    [
      'a signal without what it watches for',
      `${least}signals: { a: { watch: refusals, share: 50%, window: 1m } }\n`,
      '3:15  "watch: refusals" needs "atLeast"',
    ],
    [
      'a signal with what it does not watch for',
      `${least}signals: { a: { watch: refusals, share: 50%, atLeast: 5, above: 3, window: 1m } }\n`,
      '3:65  "above" is not used with "watch: refusals"; remove it',
    ],
    [
      'a signal that slows down by no class',
      `${least}signals: { a: { watch: refusals, share: 50%, atLeast: 5, window: 1m, action: slow } }\n`,
      '3:15  "action: slow" needs a "rateClass"',
    ],
    [
      'a signal that slows down by a class that is not there',
      `${least}signals: { a: { watch: refusals, share: 50%, atLeast: 5, window: 1m, action: slow, rateClass: few } }\n`,
      '3:95  "few" is not in rateClasses; add it there',
    ],
    [
      'a signal with a class that nothing counts by',
      `${least}rateClasses: { few: [{ per: user, limit: 1, window: 1s }] }\nsignals: { a: { watch: refusals, share: 50%, atLeast: 5, window: 1m, rateClass: few } }\n`,
      '4:81  "rateClass" is not used with "action: report"; write "action: slow" or remove it',
    ],
    [
      'a signal about callers in an app that has none',
      `${least}signals: { a: { watch: addressesPerAccount, above: 5, window: 1m } }\n`,
      '3:15  is about callers, and this app takes no tokens; add "access", or remove it',
    ],
    [
      'a reserve that leaves nothing',
      `${least}deadline: 50ms\nreserve: 50ms\n`,
      '4:10  reserve (50ms) leaves nothing of the deadline (50ms)',
    ],
    [
      'a plan that may take longer than anything',
      `${least}plans: { a: { deadline: 11s } }\n`,
      '3:25  11s is longer than the deadline of the app (10s)',
    ],
    [
      'a plan that its reserve uses up',
      `${least}plans: { a: { deadline: 10ms } }\n`,
      '3:25  10ms is used up by the reserve (10ms)',
    ],
    [
      'a call that may take longer than its plan',
      `${least}plans: { a: { deadline: 600ms, calls: { b: { timeout: 700ms } } } }\n`,
      '3:55  700ms is longer than the deadline of its plan (600ms)',
    ],
    [
      'a call that may take longer than anything',
      `${least}plans: { a: { calls: { b: { timeout: 11s } } } }\n`,
      '3:38  11s is longer than the deadline of the app (10s)',
    ],
    [
      'an upstream that may take longer than anything',
      orders('timeout: 11s'),
      '6:14  11s is longer than the deadline of the app (10s)',
    ],
    [
      'an operation that may take longer than anything',
      orders('operations: { getOrder: { timeout: 11s } }'),
      '6:40  11s is longer than the deadline of the app (10s)',
    ],
    [
      'a connection that may take longer than the call',
      orders('connectTimeout: 2s'),
      '6:21  2s is longer than the timeout (1s), which it is part of',
    ],
    [
      'pipelining with a transport that cannot do it',
      orders('pipelining: 4\n    transport: undici'),
      '6:17  needs "transport: direct", and this is undici',
    ],
    [
      'a type of tokens that are no access tokens',
      `${least}access: { jwt: { jwks: "https://id.test/jwks", issuer: a, audience: b, types: [at+jwt, application/Logout+JWT] } }\n`,
      '3:79  "application/Logout+JWT" is the type of a logout token, not of an access token; remove it',
    ],
    [
      'an audience that every token has',
      `${least}access: { jwt: { jwks: "https://id.test/jwks", issuer: a, audience: a, audienceClaim: iss } }\n`,
      '3:87  "iss" is not the audience of a token; write aud, or the claim in which this issuer names the client, such as azp',
    ],
    [
      'keys that are dropped before they are fetched twice',
      `${least}access: { jwt: { jwks: "https://id.test/jwks", issuer: a, audience: b, keys: { refresh: 1m, maxAge: 90s } } }\n`,
      '3:78  maxAge (90s) is shorter than twice refresh (1m): one failed fetch would refuse all callers',
    ],
    [
      'a breaker that never opens, and how long it stays open',
      orders('breaker: { mode: throttle, openFor: 2s }'),
      '6:41  "openFor" is not used with "mode: throttle"',
    ],
    [
      'a limit whose least value is above its largest',
      orders('concurrency: { adaptive: { min: 9, max: 8 } }'),
      '6:37  min (9) is more than max (8)',
    ],
    [
      'a priority of a rate class that there is not',
      `${least}admission: { priorities: { export: low } }\n`,
      '3:36  there is no rate class "export"; remove it, or add the class',
    ],
    [
      'a tier of callers that are all alike',
      `${least}tiers: [{ role: staff }]\n`,
      '3:9  with "access: off" all callers are alike; remove this tier',
    ],
    [
      'a tier by two facts',
      `${access('https://id.test/jwks')}tiers: [{ role: staff, quota: partner }]\n`,
      '4:9  takes one of "role", "claim" (with "is") and "quota"',
    ],
    [
      'a tier by a claim without its values',
      `${least}access: { jwt: { jwks: "https://id.test/jwks", issuer: a, audience: b, claims: { plan: { kind: text } } } }\ntiers: [{ claim: plan }]\n`,
      '4:9  "claim" needs "is", the values that count',
    ],
    [
      'a tier by a claim that nobody reads',
      `${access('https://id.test/jwks')}tiers: [{ claim: plan, is: [gold] }]\n`,
      '4:18  the policy names no claim "plan"; add it to access.jwt.claims',
    ],
    [
      'a tier by a class of keys without keys',
      `${access('https://id.test/jwks')}tiers: [{ quota: partner }]\n`,
      '4:18  "quota" is a class of API keys, and access has no "apiKeys"',
    ],
    ['a queue without a limit', orders('queue: 8'), '6:12  "queue" is not used without "concurrency"'],
    [
      'an address that stands twice',
      `${least}upstreams: { a: { urls: [http://a.test, http://a.test/] } }\n`,
      '3:25  the same address stands twice in this list',
    ],
    [
      'balancing of one address',
      orders('balance: { by: round-robin }'),
      '6:14  "balance" is not used with one address; "urls" has one',
    ],
    [
      'checks of one address',
      orders('health: { path: / }'),
      '6:13  "health" is not used with one address; "urls" has one',
    ],
    ['a hash without a key', two('by: hash'), '6:14  "by: hash" needs "on", the key'],
    ['a key without a hash', two('on: caller'), '6:20  "on" is not used without "by: hash"'],
    ['a weight for some', two('weights: [1]'), '6:25  these are 1 weights for 2 addresses'],
    [
      'an address of no group',
      two('groups: { a: { weight: 1, urls: [http://a.test] } }'),
      '6:24  http://b.test belongs to no group',
    ],
    [
      'an address of two groups',
      two(
        'groups: { a: { weight: 1, urls: [http://a.test, http://b.test] }, b: { weight: 1, urls: [http://a.test] } }',
      ),
      '6:105  the group "a" has this address',
    ],
    [
      'a group of another address',
      two('groups: { a: { weight: 1, urls: [http://a.test, http://b.test, http://c.test] } }'),
      '6:79  "urls" of the upstream does not have this address',
    ],
    [
      'groups without callers',
      two('groups: { a: { weight: 0, urls: [http://a.test, http://b.test] } }'),
      '6:24  a group needs a weight above 0',
    ],
    [
      'a choice without groups',
      two('choose: { header: x, from: proxy }'),
      '6:24  "choose" is not used without "groups"',
    ],
    [
      'a header that anybody can set',
      two(`${oneGroup}, choose: { header: x }`),
      '6:92  takes either "from: proxy" or "key": a header of anybody chooses nothing',
    ],
    [
      'a header of a proxy without a proxy',
      two(`${oneGroup}, choose: { header: x, from: proxy }`),
      '6:111  needs "listen.trustedProxies" as a number of 1 or more: a client that reaches the app sets the header',
    ],
    [
      'a service with a port',
      `${least}upstreams: { a: { urls: ["http://_http._tcp.a.test:80"] } }\n`,
      '3:26  the name of a service has no port: its records have it',
    ],
    [
      'a service beside an address',
      `${least}upstreams: { a: { urls: ["http://_http._tcp.a.test", "http://b.test"] } }\n`,
      '3:26  the name of a service stands alone: its records have the addresses',
    ],
    [
      'weights of a service',
      `${least}upstreams: { a: { urls: ["http://_http._tcp.a.test"], balance: { weights: [1] } } }\n`,
      '3:75  "weights" is not used with the name of a service',
    ],
    [
      'TLS without an address that has it',
      orders('tls: { minVersion: TLSv1.3 }'),
      '6:10  "tls" is not used: no address begins with https:',
    ],
    [
      'TLS that axios does not use',
      secure('transport: axios, tls: { minVersion: TLSv1.3 }'),
      '3:71  axios does not use "tls"; write "transport: undici"',
    ],
    [
      'TLS of all upstreams that axios does not use',
      `${least}upstreamDefaults: { tls: { minVersion: TLSv1.3 } }\nupstreams: { a: { transport: axios, urls: [https://a.test] } }\n`,
      '4:30  axios does not use "tls"; write "transport: undici"',
    ],
    [
      'a certificate without its key',
      secure('tls: { certificate: a.pem }'),
      '3:68  tls.certificate and tls.key belong together',
    ],
    [
      'HTTP/2 over axios',
      secure('transport: axios, protocol: h2'),
      '3:76  axios does not speak HTTP/2; write "transport: undici"',
    ],
    ['streams of HTTP/1.1', secure('streams: 5'), '3:57  "streams" is not used without "protocol: h2"'],
    [
      'pipelining over HTTP/2',
      secure('protocol: h2, pipelining: 4'),
      '3:74  needs "transport: direct", and this is undici by "protocol: h2"',
    ],
    [
      'pipelining through a proxy',
      secure('proxy: "http://p.test", pipelining: 4'),
      '3:84  needs "transport: direct", and this is undici by its proxy',
    ],
    [
      'two tokens in one header field',
      orders('{}').replace('{}', 'credentials: { value: x }\n    forwardAuthorization: true'),
      '6:18  the header "authorization" cannot carry these credentials and the caller\'s token; remove forwardAuthorization or choose another header',
    ],
    [
      'credentials that a caller can replace',
      orders('credentials: { header: X-Key, value: x }\n    forwardHeaders: [x-key]'),
      '6:18  a caller could replace these credentials: "x-key" is in forwardHeaders too',
    ],
  ])('%s', (_, text, expected) => {
    expect(mistakesOf(() => load(text))).toEqual([`bff.yaml:${expected}`]);
  });
});

describe('values that agree are accepted:', () => {
  it.each([
    [
      'TLS of all upstreams, and one without it',
      `${least}upstreamDefaults: { tls: { minVersion: TLSv1.3 } }\nupstreams: { a: { urls: [http://a.test] } }\n`,
    ],
    [
      'TLS of one operation',
      `${least}upstreams: { a: { urls: [http://a.test], tls: { minVersion: TLSv1.3 }, operations: { pay: { urls: [https://b.test] } } } }\n`,
    ],
    ['two free ports', 'bff: a\nlisten: { port: 0, adminPort: 0 }\n'],
    ['keys from this machine', access('http://127.0.0.1:4100/jwks')],
    ['keys from this machine by name', access('http://localhost:4100/jwks')],
    [
      'a burst and a steady rate',
      `${least}rateClasses: { a: [{ per: user, limit: 5, window: 1s }, { per: user, limit: 60, window: 1m }] }\n`,
    ],
    [
      'two roles',
      `${least}rateClasses: { a: [{ per: role, role: x, limit: 5, window: 1s }, { per: role, role: y, limit: 6, window: 1s }] }\n`,
    ],
    [
      'a default timeout beyond a short deadline',
      `${least}deadline: 500ms\nupstreams: { a: { urls: [http://a.test] } }\n`,
    ],
  ])('%s', (_, text) => {
    expect(load(text).listen.adminHost).toBe('127.0.0.1');
  });
});

import type { CacheScope } from '@frontage/caching';
import { addressesOf, serviceOf, type Address } from './address.js';
import type { CredentialSource } from '../credentials/credential-source.js';
import { checkRetry, type OperationResilience, type ResilienceOptions } from './resilience.options.js';
import type { UpstreamTls } from './tls.options.js';
import { checkSecrets } from './secret-checks.js';

/** Policy for every call to one upstream. `bff.yaml` gives the same names under `upstreams.<name>`. */
export interface UpstreamOptions extends ResilienceOptions {
  /**
   * Base addresses, `http` or `https`, a path prefix allowed; calls are balanced over several. At least one. A single one may name a service,
   * `http://_http._tcp.orders.internal`: then the addresses are those of its SRV records.
   */
  readonly urls: readonly string[];
  /** The time that one call may take with all its attempts, in milliseconds; a call of a plan may say less. @default 1_000 */
  readonly timeoutMs?: number;
  /** The time that connecting may take, in milliseconds. @default 500, or `timeoutMs` where that is less */
  readonly connectTimeoutMs?: number;
  /** The largest response that is read, in bytes after decompression. @default 8_388_608 */
  readonly maxBodyBytes?: number;
  /** Inbound headers that go upstream as they came. No header goes that is not listed here or declared by the operation. @default [] */
  readonly forwardHeaders?: readonly string[];
  /** Sends the user's own bearer token. Only for upstreams that are meant to see it. @default false */
  readonly forwardAuthorization?: boolean;
  /** A header that proves who we are: `{ header: 'x-api-key', value: '...' }`. */
  readonly credentials?: { readonly header: string; readonly value: string };
  /** Headers whose values are made while the app runs: tokens that are fetched, secrets that change, user contexts. @default [] */
  readonly sources?: readonly CredentialSource[];
  /**
   * Secrets for the security schemes of the contract, by the name of the scheme: a key, a token, or the password of `user`. They go only to
   * the addresses of the policy.
   */
  readonly security?: Readonly<Record<string, { readonly value: string; readonly user?: string | undefined }>>;
  /**
   * `direct` speaks HTTP/1.1 by itself at less than half the cost of undici, which carries calls through a proxy and bodies that are read
   * while they are sent all the same, over `connections` of its own. `undici` carries all calls. `axios` sends through the `HttpService` of
   * @nestjs/axios, for teams with interceptors there. @default 'direct'
   */
  readonly transport?: TransportName;
  /**
   * `h2` speaks HTTP/2 alone: agreed by ALPN (RFC 9113 section 3.2) for `https:`, with prior knowledge for `http:`. Calls then go through undici; not with
   * `axios`. @default 'http1'
   */
  readonly protocol?: Protocol;
  /** Calls at once on one connection of HTTP/2, or fewer if the server says so; 1 to 10_000. @default 100 */
  readonly streams?: number;
  /** Connections per address; at least 1. @default 64, or 4 with HTTP/2, where each carries `streams` calls */
  readonly connections?: number;
  /**
   * The number of reads of one client request, started at once, that travel over one connection together, each behind the other (RFC 9112 section
   * 9.3.2); 1 to 64. Saves most of their cost, and lets a slow one hold up those behind it. Needs `transport: direct`. @default 1
   */
  readonly pipelining?: number;
  /**
   * Address of a proxy that all calls go through, `http` or `https`, with user name and password where it needs them. The transport `direct`
   * leaves such calls to undici. Variables of the environment such as `HTTP_PROXY` are not looked at. @default none
   */
  readonly proxy?: string;
  /** Authorities, client certificate, name and version for `https:` addresses. Not with `axios`. @default those of Node */
  readonly tls?: UpstreamTls;
  /**
   * Operations whose contract names other servers than those of its document, and which have no `urls` in `operations`: `refuse` stops the
   * boot, `use` sends them to those servers without credentials and tokens, `ignore` sends them to `urls`. @default 'refuse'
   */
  readonly contractServers?: ContractServers;
  /** Policy for single operations, by operation id, in place of that of the upstream. */
  readonly operations?: Readonly<Record<string, OperationOptions>>;
  /**
   * Responses are checked against the schemas of the contract, by validators that were generated with it: `development` reports on
   * `channels.contractBroken` each contract violation, `enforce` fails the call as `bad_payload`. @default 'off'
   */
  readonly validate?: Validation;
  /** Cached responses, by operation id, of operations that only read. The body is part of the key. */
  readonly cache?: Readonly<Record<string, CachePolicy>>;
  /** Its fields `Cache-Groups` and `Cache-Group-Invalidation` are heeded (RFC 9875), for `cache` alone. @default false */
  readonly cacheGroups?: boolean;
  /** Numbers in JSON that a double would change (long decimals, integers beyond 2^53 - 1, `1e400`): `reject` fails the call as `bad_payload`, `text` hands them on as strings. @default 'reject' */
  readonly bigNumbers?: BigNumbers;
  /**
   * Departures of a success from its contract that are accepted: `empty`, no content where content is declared; `status`, a 2xx that is not
   * declared, read like the declared one; `contentType`, another content type or none, where the body can be read. Each is published on
   * `channels.lenientSuccess`. @default []
   */
  readonly lenient?: readonly Leniency[];
  /** Redirects that are followed per attempt, to addresses of the same upstream only; 0 to 3. @default 0 */
  readonly followRedirects?: number;
  /**
   * A header field that every response must carry back as we sent it; one that does not fails the call as `bad_payload`, and its connection
   * is closed. For upstreams, or proxies before them, that might mix up responses of two requests. Absent: not required.
   */
  readonly echo?: 'x-request-id';
}

export type ContractServers = 'refuse' | 'use' | 'ignore';

export type TransportName = 'direct' | 'undici' | 'axios';

export type Protocol = 'http1' | 'h2';

export type Validation = 'off' | 'development' | 'enforce';

export type Leniency = 'empty' | 'status' | 'contentType';

export type BigNumbers = 'reject' | 'text';

export interface OperationOptions extends OperationResilience {
  /** In milliseconds; at least 1. */
  readonly timeoutMs?: number;
  /** Base addresses, where the contract serves the operation elsewhere; at least one. */
  readonly urls?: readonly string[];
  /** In place of `lenient` of the upstream. */
  readonly lenient?: readonly Leniency[];
  /** It only reads, whatever its method: it may be retried, cached and aborted. @default by its method and its contract */
  readonly safe?: true;
}

export interface CachePolicy {
  /** The time for which a response is fresh, in milliseconds; at least 1. */
  readonly ttlMs?: number;
  /** In place of `ttlMs`: responses are kept as they say themselves (RFC 9111). */
  readonly follow?: 'upstream';
  /** Fields that are meant for this cache and count in place of `Cache-Control` and `Expires` (RFC 9213), in lower case. @default [] */
  readonly targets?: readonly string[];
  /** For so long after `ttlMs` a response is given at once, while it is loaded anew; in milliseconds. @default 0 */
  readonly staleWhileRevalidateMs?: number;
  /** For so long after `ttlMs` a response is given where the upstream fails; in milliseconds. @default 0 */
  readonly staleIfErrorMs?: number;
  /** A declared 404 is given without a call for so long; in milliseconds. @default 0 */
  readonly negativeMs?: number;
  /** A larger body is not kept, in bytes after decompression; at least 1. @default none is too large */
  readonly maxBytes?: number;
  /** Those who share a response: one caller, the callers of one tenant with the same rights, or all. @default 'caller' */
  readonly scope?: CacheScope;
  /** Templates of the names under which a response is invalidated: `cart:{caller}`, `product:{id}`. @default none */
  readonly tags?: readonly string[];
  /**
   * Names of `forwardHeaders` in lower case, each with the values that the operation knows. These fields alone are sent with its calls, and
   * are part of the key; a request without one of the values gets the first. @default all of `forwardHeaders`, as they came
   */
  readonly vary?: Readonly<Record<string, readonly string[]>>;
}

/** The options with every default filled in; what stays optional is a policy that may be absent. */
export interface ResolvedUpstreamOptions extends UpstreamOptions {
  readonly addresses: readonly [Address, ...Address[]];
  /** The one of `addresses` that names a service: it stands for those of its SRV records. */
  readonly service: Address | undefined;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly forwardHeaders: readonly string[];
  readonly forwardAuthorization: boolean;
  readonly sources: readonly CredentialSource[];
  readonly transport: TransportName;
  readonly protocol: Protocol;
  readonly streams: number;
  readonly contractServers: ContractServers;
  readonly connections: number;
  readonly pipelining: number;
  readonly bigNumbers: BigNumbers;
  readonly followRedirects: number;
  readonly validate: Validation;
  /** By operation id: where an operation has addresses of its own. */
  readonly ownAddresses: ReadonlyMap<string, readonly [Address, ...Address[]]>;
}

/** @throws RangeError or TypeError naming the upstream, the option, what was given and what it takes */
export function resolveUpstreamOptions(upstream: string, options: UpstreamOptions): ResolvedUpstreamOptions {
  const resolved = {
    ...options,
    addresses: addressesOf(upstream, options.urls),
    service: serviceOf(upstream, options.urls, options.operations),
    timeoutMs: options.timeoutMs ?? 1_000,
    connectTimeoutMs: options.connectTimeoutMs ?? Math.min(500, options.timeoutMs ?? 500),
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1_024 * 1_024,
    forwardHeaders: (options.forwardHeaders ?? []).map((name) => name.toLowerCase()),
    forwardAuthorization: options.forwardAuthorization ?? false,
    sources: options.sources ?? [],
    transport: options.transport ?? 'direct',
    protocol: options.protocol ?? 'http1',
    streams: options.streams ?? 100,
    contractServers: options.contractServers ?? 'refuse',
    connections: options.connections ?? (options.protocol === 'h2' ? 4 : 64),
    pipelining: options.pipelining ?? 1,
    bigNumbers: options.bigNumbers ?? 'reject',
    followRedirects: options.followRedirects ?? 0,
    validate: options.validate ?? 'off',
    ownAddresses: new Map(
      Object.entries(options.operations ?? {}).flatMap(([id, { urls }]) =>
        urls === undefined ? [] : [[id, addressesOf(`${upstream}.${id}`, urls)] as const],
      ),
    ),
  };
  requireWhole(upstream, 'timeoutMs', resolved.timeoutMs, 1, 2 ** 31 - 1);
  requireWhole(upstream, 'connectTimeoutMs', resolved.connectTimeoutMs, 1, 2 ** 31 - 1);
  requireWhole(upstream, 'maxBodyBytes', resolved.maxBodyBytes, 1, 2 ** 30);
  requireWhole(upstream, 'connections', resolved.connections, 1, 65_535);
  requireWhole(upstream, 'pipelining', resolved.pipelining, 1, 64);
  if (resolved.pipelining > 1 && resolved.transport !== 'direct') {
    throw new TypeError(`${upstream}: pipelining is ${resolved.pipelining}, which needs transport direct`);
  }
  requireWhole(upstream, 'streams', resolved.streams, 1, 10_000);
  if (resolved.protocol === 'h2' && resolved.transport === 'axios')
    throw new TypeError(`${upstream}: protocol h2 needs transport direct or undici`);
  if (resolved.tls !== undefined) checkTls(upstream, resolved);
  requireWhole(upstream, 'followRedirects', resolved.followRedirects, 0, 3);
  for (const { retry } of [options, ...Object.values(options.operations ?? {})])
    if (retry !== undefined && retry !== 'off') checkRetry(upstream, retry);
  for (const name of resolved.forwardHeaders) {
    if (!isForwardable(name)) {
      throw new TypeError(
        `${upstream}: forwardHeaders holds "${name}", which belongs to one connection or to the gateway`,
      );
    }
  }
  for (const [operation, { vary = {} }] of Object.entries(options.cache ?? {})) {
    const foreign = Object.keys(vary).find((name) => !resolved.forwardHeaders.includes(name));
    if (foreign !== undefined)
      throw new TypeError(`${upstream}: cache.${operation}.vary holds "${foreign}", which is not in forwardHeaders`);
  }
  checkSecrets(upstream, resolved);
  return resolved;
}

function checkTls(upstream: string, { tls, transport, addresses, ownAddresses }: ResolvedUpstreamOptions): void {
  if (transport === 'axios') throw new TypeError(`${upstream}: tls needs transport direct or undici`);
  if ([addresses, ...ownAddresses.values()].flat().every(({ origin }) => !origin.startsWith('https:')))
    throw new TypeError(`${upstream}: tls is not used without an address with https`);
  if ((tls?.certificate === undefined) !== (tls?.key === undefined))
    throw new TypeError(`${upstream}: tls.certificate and tls.key belong together`);
}

function requireWhole(upstream: string, name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${upstream}: ${name} must be a whole number from ${least} to ${most}, not ${value}`);
}

// RFC 9110 section 7.6.1 and what the call stack writes itself. `authorization` goes by `forwardAuthorization` alone.
const ownedByUs: ReadonlySet<string> = new Set(
  (
    'connection keep-alive proxy-connection te trailer transfer-encoding upgrade proxy-authorization proxy-authenticate host expect ' +
    'content-length content-type content-encoding accept accept-encoding authorization cookie set-cookie user-agent traceparent tracestate x-request-id ' +
    'x-envoy-expected-rq-timeout-ms dpop'
  ).split(' '),
);

function isForwardable(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && !ownedByUs.has(name);
}

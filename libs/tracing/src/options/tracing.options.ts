import type { Agent } from 'node:http';
import type { Writable } from 'node:stream';
import type { Caller } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

export interface TracingOptions {
  /** Name of the app: `service.name` of its spans, `app` in its log lines. */
  readonly app: string;
  /** Version of the app: `service.version` of its spans. @default none */
  readonly version?: string;
  readonly log?: LogOptions;
  readonly spans?: SpanOptions;
  /** Absent: no security decisions are written. */
  readonly audit?: AuditOptions | undefined;
  /** Counts what is published, for scrapes. Without it nothing is counted, and `metrics()` is empty. @default true */
  readonly countMetrics?: boolean;
  /** Further upper bounds of the buckets of request durations, in ms, such as those of objectives. @default none */
  readonly requestBoundsMs?: readonly number[];
  /** Label sets that one metric may have; what comes beyond is counted under `other`. From 1. @default 1_000 */
  readonly maxSeries?: number;
  /** Counts the clients that send most. @default none */
  readonly topClients?: TopClientsOptions | undefined;
  /** Sends metrics to a collector. @default they are not sent */
  readonly metricsPush?: MetricsPushOptions | undefined;
  /** Requests under way, read on scrape. @default not reported */
  readonly activeRequests?: () => number;
  /** Calls to upstreams that have a limit, read on scrape. @default not reported */
  readonly upstreamCalls?: () => readonly UpstreamCalls[];
  /** Connections to upstreams, read on scrape. @default not reported */
  readonly upstreamConnections?: () => readonly UpstreamConnections[];
  /** Addresses of upstreams that have several, read on scrape. @default not reported */
  readonly upstreamAddresses?: () => readonly UpstreamAddresses[];
  /** @default the clock of the machine */
  readonly clock?: Clock;
}

/** Calls to one upstream with a limit, right now. */
export interface UpstreamCalls {
  readonly upstream: string;
  readonly active: number;
  readonly queued: number;
  /** Most calls at once; it changes where policy says `adaptive`. */
  readonly limit: number;
}

/** The connections to one address of an upstream, right now. */
export interface UpstreamConnections {
  readonly upstream: string;
  /** `http://10.0.0.7:8080` */
  readonly address: string;
  readonly active: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

/** The addresses of one upstream, right now. */
export interface UpstreamAddresses {
  readonly upstream: string;
  /** The state of each address. */
  readonly states: readonly ('in_use' | 'starting' | 'ejected' | 'unhealthy')[];
  /** All addresses of some group are used, because too few of them are usable. */
  readonly isPanic: boolean;
}

/** The log of security decisions. */
export interface AuditOptions {
  /** Path to append to; absent: standard output. */
  readonly file?: string | undefined;
  /** `named`: the subject of a caller; `hashed`: its pseudonym, with the key of {@link LogOptions.callerHashKey}. */
  readonly callers: 'named' | 'hashed';
}

export interface LogOptions {
  /** The least level that is written; `silent` writes nothing. @default 'info' */
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** A line per request; without it only warnings and breakers are logged. @default true */
  readonly requests?: boolean;
  /** `stdout`, the path of a file to append to, or a stream. @default 'stdout' */
  readonly destination?: 'stdout' | Writable | { readonly path: string };
  /** Bytes gathered before they are written, 0 (each line by itself) to 1,048,576; they never wait for longer than a second. On standard output at most 3,072, so that the lines of several processes stay whole. @default 262_144 */
  readonly bufferBytes?: number;
  /**
   * Key for the hash that stands for a caller in the log. With the same key, a caller has the same hash in every process and after every start.
   * @default a new random key with each start
   */
  readonly callerHashKey?: string;
}

/** Sampling and export of spans. Without `otlp` and `exporter` no span is ever made. */
export interface SpanOptions {
  readonly otlp?: OtlpOptions;
  /** An exporter of your own, instead of `otlp`. */
  readonly exporter?: SpanExporter;
  /** Requests that take at least this long are always kept, in milliseconds. @default 1_000 */
  readonly slowMs?: number;
  /** Share of the requests kept beyond slow, failed and partial ones, and those that a trusted proxy sampled; 0 to 1. @default 0.01 */
  readonly sampleRatio?: number;
  /** Requests that are always kept. @default none */
  readonly always?: {
    /** `GET /orders/:id` */
    readonly routes: ReadonlySet<string>;
    readonly isCaller: (caller: Caller) => boolean;
  };
  /** More attributes of the resource of each span; `service.name` replaces the name of the app. @default none */
  readonly resource?: Readonly<Record<string, string>>;
  /** Longest time for one export, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
}

/** Clients that are told of. */
export interface TopClientsOptions {
  /** Clients to tell of, 1 to 100. */
  readonly most: number;
  /** The addresses that count as one client: a network of IPv6. @default each by itself */
  readonly addressKey?: (address: string) => string;
}

export interface MetricsPushOptions {
  readonly otlp: OtlpOptions;
  /** Time between two exports, in milliseconds; at least 1. */
  readonly everyMs: number;
}

export interface OtlpOptions {
  /** The collector, OTLP over HTTP: `http://collector:4318`; `/v1/traces`, or `/v1/metrics`, is added to an address without a path. */
  readonly url: string;
  /** Sent with every batch: credentials of the collector. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Connects to the collector: names and a proxy are its business. @default one of Node */
  readonly agent?: Agent;
}

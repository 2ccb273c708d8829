import { Histogram } from './histogram.js';
import { sumOf, type Sample, type Samples } from './metrics-text.js';

const attempts = 'http_client_request_duration_seconds';

export interface MeasuredOperation {
  readonly id: string;
  /** Times of the attempts that ended well. */
  readonly ok: Histogram;
  readonly isWrite: boolean;
  /** Lookups of its cache; a hit is a response without a call of its own. */
  readonly cache: { readonly hits: number; readonly lookups: number };
}

export interface MeasuredUpstream {
  readonly operations: ReadonlyMap<string, MeasuredOperation>;
  /** The operation whose slowest calls are the slowest. */
  readonly slowest: MeasuredOperation;
  /** Attempts, whatever their outcome. */
  readonly calls: number;
  readonly timeouts: number;
  /** Time of all attempts together, in ms. */
  readonly busyMs: number;
  /** Calls that were not sent because too many waited. */
  readonly shed: number;
}

export interface Measurement {
  readonly upstreams: ReadonlyMap<string, MeasuredUpstream>;
  /** The time in which it was measured; absent where nobody says it. */
  readonly seconds: number | undefined;
}

/**
 * @param writes operations that change something, as `orders.createOrder`
 * @param seconds in which it was measured, where that is known
 */
export function measurementOf(samples: Samples, writes: ReadonlySet<string>, seconds: number | undefined): Measurement {
  const names = new Set((samples.get(`${attempts}_count`) ?? []).flatMap(({ labels }) => labels['upstream'] ?? []));
  return {
    upstreams: new Map([...names].map((name) => [name, upstreamOf(samples, name, writes)])),
    seconds,
  };
}

function upstreamOf(samples: Samples, name: string, writes: ReadonlySet<string>): MeasuredUpstream {
  const counts = (samples.get(`${attempts}_count`) ?? []).filter(({ labels }) => labels['upstream'] === name);
  const ids = new Set(counts.flatMap(({ labels }) => labels['operation'] ?? []));
  const operations = [...ids].map((id): MeasuredOperation => {
    const ok = Histogram.read(
      samples,
      attempts,
      ({ upstream, operation, error_type: failure }) => upstream === name && operation === id && failure === undefined,
    );
    return { id, ok, isWrite: writes.has(`${name}.${id}`), cache: cacheOf(samples, name, id) };
  });
  const none: MeasuredOperation = {
    id: '',
    ok: Histogram.read(samples, attempts, () => false),
    isWrite: false,
    cache: { hits: 0, lookups: 0 },
  };
  return {
    operations: new Map(operations.map((one) => [one.id, one])),
    slowest: operations.toSorted((one, other) => other.ok.quantileMs(0.99) - one.ok.quantileMs(0.99))[0] ?? none,
    calls: total(counts),
    timeouts: total(counts.filter(({ labels }) => labels['error_type'] === 'timeout')),
    busyMs: 1000 * sumOf(samples, `${attempts}_sum`, { upstream: name }),
    shed: sumOf(samples, 'frontage_shed_calls_total', { upstream: name }),
  };
}

/** A lookup that finds a response, or one under way, needs no call of its own. */
function cacheOf(samples: Samples, upstream: string, operation: string): MeasuredOperation['cache'] {
  const of = (result: string): number =>
    sumOf(samples, 'frontage_cache_lookups_total', { upstream, operation, result });
  const hits = of('hit') + of('stale') + of('coalesced');
  return { hits, lookups: hits + of('miss') };
}

const total = (samples: readonly Sample[]): number => samples.reduce((sum, { value }) => sum + value, 0);

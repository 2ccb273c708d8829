import type { ConnectionFaults } from '@frontage/testing/fault-proxy';
import type { Upstream } from '../faults/mobile-upstreams.js';
import type { Random } from '../soak/random.js';

/** No page of the run fails where one of these is ill. */
export const optionalUpstreams: readonly Upstream[] = ['content', 'recommendations', 'shipping'];
export const requiredUpstreams: readonly Upstream[] = ['users', 'orders', 'catalogue', 'inventory'];

type Draw = (random: Random) => ConnectionFaults;

/** The kinds of faults, each with sizes of its own. */
const kinds: Readonly<Record<string, Draw>> = {
  latency: (random) => ({ latencyMs: 20 + random.below(400), jitterMs: random.below(100) }),
  bandwidth: (random) => ({ bytesPerSecond: 50 + random.below(20_000) }),
  'slow close': (random) => ({ slowCloseMs: random.below(2_000) }),
  'no data': () => ({ noData: true }),
  reset: (random) => ({ resetAfterBytes: random.below(2_000), share: 0.2 + random.next() * 0.8 }),
  truncated: (random) => ({ truncateAfterBytes: random.below(2_000), share: 0.2 + random.next() * 0.8 }),
  sliced: (random) => ({ on: 'both', sliceBytes: 1 + random.below(200) }),
  down: () => ({ down: true }),
};

export interface Drawn {
  readonly kind: string;
  readonly upstream: Upstream;
  readonly faults: ConnectionFaults;
  /** Milliseconds that it stays, and that pass before the next one. */
  readonly forMs: number;
  readonly nextMs: number;
}

export function drawFault(random: Random, upstreams: readonly Upstream[]): Drawn {
  const kind = random.one(Object.keys(kinds));
  return {
    kind,
    upstream: random.one(upstreams),
    faults: kinds[kind]?.(random) ?? {},
    forMs: 300 + random.below(2_000),
    nextMs: 100 + random.below(700),
  };
}

import { requestRank, type RequestPriority } from '@frontage/breaker';
import type { BffConfig } from '@frontage/config';
import { safeMethods } from '@frontage/core';
import { callerKey } from '@frontage/throttling';
import type { Route } from '../routes/routes.js';
import { tiersOf } from '../outbound/caller-tiers.js';
import { overloaded } from './stages/admission.stage.js';
import type { InboundApp, InboundStage } from './stages/stage.js';

const reads: ReadonlySet<string> = safeMethods;

/** The parts of an app that decide whom it sheds. */
export interface SheddingApp extends Pick<InboundApp, 'admission' | 'clock'> {
  readonly limiter: Pick<InboundApp['limiter'], 'addressKey'>;
  readonly config: Pick<BffConfig, 'tiers' | 'admission'>;
}

/**
 * Sheds what the process cannot serve in time: by the priority of the route, the tier of the caller, and how much the caller asks for. The token of
 * the caller was verified before; its result is remembered, so that costs a look into a table.
 */
export const shedStage = (route: Route, app: SheddingApp): ReturnType<InboundStage> => {
  const { admission, clock } = app;
  if (admission === undefined || route.kind === 'health') return undefined;
  const priority = priorityOf(route, app);
  const keyOf = callerKey(app.limiter.addressKey);
  const tierOf = tiersOf(app.config.tiers) ?? (() => 0);
  return (exchange) => {
    // Its client has left: no end comes any more.
    if (exchange.ended) return;
    const { context } = exchange;
    if (!admission.admits(clock.now(), requestRank(priority, tierOf(context)), () => keyOf(context)))
      throw overloaded('admission', priority);
    exchange.isAdmitted = true;
  };
};

function priorityOf({ rateClass, method }: Route, { config }: SheddingApp): RequestPriority {
  const written = rateClass === undefined ? undefined : config.admission?.priorities[rateClass];
  return written ?? (reads.has(method) ? 'normal' : 'high');
}

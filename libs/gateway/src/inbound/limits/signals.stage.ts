import type { InboundStep } from '../../exchange/exchange.js';
import type { InboundStage } from '../stages/stage.js';
import { countingStep } from './rate-limits.js';

/** Follows what signals say of a caller: it is blocked, has to log in again, or is counted by a slower class as well. */
export const signalsStage: InboundStage = (route, { signals, limiter, config }) => {
  if (signals === undefined || route.kind === 'health') return undefined;
  const check = signals.compileCallerCheck();
  const slowClass = signals.compileSlowClass();
  if (check === undefined && slowClass === undefined) return undefined;
  const slow = new Map<string, InboundStep>();
  for (const { rateClass } of Object.values(config.signals)) {
    const limits = rateClass === undefined ? undefined : config.rateClasses[rateClass];
    if (rateClass === undefined || limits === undefined) continue;
    const { byAddress, byCaller, policy } = limiter.compile(rateClass, limits, route.rateWeight);
    const steps = [byAddress, byCaller].flatMap((one) => (one === undefined ? [] : [countingStep(one, policy)]));
    slow.set(rateClass, async (exchange) => {
      for (const step of steps) await step(exchange);
    });
  }
  return (exchange) => {
    check?.(exchange.context);
    const name = slowClass?.(exchange.context);
    return name === undefined ? undefined : slow.get(name)?.(exchange);
  };
};

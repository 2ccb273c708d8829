import { ProblemError } from '@frontage/core';
import type { Exchange, InboundStep } from '../exchange/exchange.js';
import type { Route } from '../routes/routes.js';
import { cdnStage } from './cdn.stage.js';
import { corsStage } from './cors.stage.js';
import { accessStage } from './stages/access.stage.js';
import { addressLimitStage } from './limits/address-limit.stage.js';
import { admissionStage } from './stages/admission.stage.js';
import { bodyStage } from './stages/body.stage.js';
import { addressesStage } from './limits/addresses.stage.js';
import { signalsStage } from './limits/signals.stage.js';
import { callerLimitStage } from './limits/caller-limit.stage.js';
import { classAddressLimitStage } from './limits/class-address-limit.stage.js';
import { decisionStage } from './decision.stage.js';
import { serverTimingStage } from './stages/server-timing.stage.js';
import { shedStage } from './shed.stage.js';
import { deadlineStage } from './stages/deadline.stage.js';
import { inFlightStage } from './limits/in-flight.stage.js';
import { headersStage } from './stages/headers.stage.js';
import type { InboundApp, InboundStage } from './stages/stage.js';
import { signaturesStage } from './signatures.stage.js';
import { traceStage } from './stages/trace.stage.js';

/**
 * Stages that need only the head of a request and not its route: they run for requests without a route too.
 */
export const arrival: readonly InboundStage[] = [
  traceStage, //        first, so that even a refused request can be found again by the trace id that its sender knows
  corsStage, //         before all that refuses, so that a page can read why
  addressesStage, //    one look at a table: a denied address learns nothing more of the app
  admissionStage, //    before any work: an overloaded process says so at once, while it still can (F24)
  headersStage, //      a request that can be read in two ways is not read further (H1)
  cdnStage, //          before anything is spent on a request that went around the CDN
  bodyStage, //         a body that declares itself too large is refused before anything is spent on its sender (H3)
  addressLimitStage, // before signatures are verified: verifying is the work that a flood would cause
];

/** The rest of them, each by the rules of the route that was matched. */
export const admittance: readonly InboundStage[] = [
  classAddressLimitStage,
  accessStage, //      identity and permission of the caller
  serverTimingStage, // needs the caller; before the rest, whose refusals are timed too
  signalsStage, //     needs the caller; a blocked one takes no place and no count
  shedStage, //        needs to know who asks; before everything that costs more
  inFlightStage, //    before requests are counted: one that is refused here takes nothing from a rate class
  callerLimitStage, // after access: limits per user and role need to know who it is
  signaturesStage, //  after the limits: what it looks at is as long as the caller likes
  decisionStage, //    after the limits: each question to an external policy is a call
  deadlineStage, //    last: the budget of the handler, counted from the arrival
];

/**
 * The inbound pipeline of every route, screens and hand-written controllers alike. The router has chosen the handler: no spelling
 * of a path bypasses the stages (RELIABILITY H5). The body has not been read, so a refusal costs the same with every body.
 * The request context is made first, when the exchange is opened; the input is validated last, by the screen.
 */
export const pipeline: readonly InboundStage[] = [...arrival, ...admittance];

/** The steps of one route in one function, synchronous for as long as every step is. */
export function compilePipeline(
  route: Route,
  app: InboundApp,
  stages: readonly InboundStage[] = pipeline,
): InboundStep {
  const compiled = stages.flatMap((stage) => {
    const step = stage(route, app);
    return step === undefined ? [] : [{ stage, step }];
  });
  const steps = compiled.map(({ step }) => step);
  const countAt = compiled.findIndex(({ stage }) => stage === addressLimitStage);
  const count = steps[countAt];
  const runFrom = (exchange: Exchange, start: number): void | Promise<void> => {
    for (let i = start; i < steps.length; i++) {
      const pending = steps[i]?.(exchange);
      if (pending !== undefined) return pending.then(() => runFrom(exchange, i + 1));
    }
    return undefined;
  };
  if (count === undefined) return (exchange) => runFrom(exchange, 0);
  const head = steps.slice(0, countAt);
  return (exchange) => {
    try {
      for (const step of head) void step(exchange);
    } catch (refusal) {
      countRefused(count, exchange, refusal);
      throw refusal;
    }
    return runFrom(exchange, countAt);
  };
}

/**
 * A request that is refused before the address is counted counts as well. Shedding is a fault of ours and counts for none; a denied address
 * is refused anyway, and counting it would only cost.
 */
function countRefused(count: InboundStep, exchange: Exchange, refusal: unknown): void {
  if (refusal instanceof ProblemError && uncounted.has(refusal.code)) return;
  try {
    // Its own response stays: the next request finds out whether the address is beyond its limit.
    count(exchange)?.catch(() => undefined);
  } catch {
    // as above
  }
}

const uncounted: ReadonlySet<string> = new Set(['GW_OVERLOADED', 'GW_FORBIDDEN']);

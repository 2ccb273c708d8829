import type { Exchange } from './exchange.js';
import type { Route } from './routes.js';
import type { GatewayRuntime } from './runtime.js';
import { accessStage } from './stages/access.stage.js';
import { addressLimitStage } from './stages/address-limit.stage.js';
import { admissionStage } from './stages/admission.stage.js';
import { callerLimitStage } from './stages/caller-limit.stage.js';
import { deadlineStage } from './stages/deadline.stage.js';
import { headersStage } from './stages/headers.stage.js';
import { sizeStage } from './stages/size.stage.js';
import { traceStage } from './stages/trace.stage.js';

/** What a stage does with one request; it throws a `ProblemError` to end it. A promise only where it must wait. */
export type InboundStep = (exchange: Exchange) => void | Promise<void>;

/** Decides at boot what a route needs of it: `undefined` where the answer is nothing, so that it costs nothing. */
export type InboundStage = (route: Route, runtime: GatewayRuntime) => InboundStep | undefined;

/**
 * The way in, for every route, screens and hand-written controllers alike. It runs in a guard, that is after the router has
 * decided which handler it will be: no spelling of a path reaches a handler by another way (RELIABILITY H5).
 * The request context is made first, when the guard opens the exchange; the input is validated last, by the screen.
 */
export const pipeline: readonly InboundStage[] = [
  traceStage, //        first, so that even a refused request can be found again by the trace id that its sender knows
  admissionStage, //    before any work: an overloaded process says so at once, while it still can (F24)
  headersStage, //      what can be read in two ways is not read further (H1)
  sizeStage, //         a body that declares itself too large is refused before anything is spent on its sender (H3)
  addressLimitStage, // before signatures are verified: verifying is what a flood would make us do
  accessStage, //       who is it, and may they
  callerLimitStage, //  after access: limits per user and role need to know who it is
  deadlineStage, //     last: from here on the clock of the answer runs
];

/** The steps of one route in one function, synchronous for as long as every step is. */
export function compilePipeline(route: Route, runtime: GatewayRuntime): InboundStep {
  const steps = pipeline.map((stage) => stage(route, runtime)).filter((step) => step !== undefined);
  const runFrom = (exchange: Exchange, start: number): void | Promise<void> => {
    for (let i = start; i < steps.length; i++) {
      const pending = steps[i]?.(exchange);
      if (pending !== undefined) return pending.then(() => runFrom(exchange, i + 1));
    }
    return undefined;
  };
  return (exchange) => runFrom(exchange, 0);
}

import {
  compilePlan,
  compileScreen,
  type Finished,
  type Cancelled,
  type Plan,
  type PlanPolicy,
  type Refused,
  type RunOptions,
  type Screen,
  type ScreenResult,
} from '@frontage/aggregation';
import { RequestContext, type Caller } from '@frontage/context';
import type { CallArgs, OperationInfo } from '@frontage/core';
import { ManualClock } from '../clocks/manual-clock.js';
import { perform, type OperationReply, type Reply } from './replies.js';

/**
 * The reply to each part; steps call nothing. The fallback operation of `banners` gets the reply `banners.fallback`, the undo of `order`
 * the reply `order.undo`.
 */
export type Replies<Outs> = { readonly [K in keyof Outs as [Outs[K]] extends [never] ? never : K]?: Reply<Outs[K]> } & {
  readonly [K in keyof Outs & string as `${K}.${'fallback' | 'undo'}`]?: Reply<unknown>;
};

export interface RunPlanOptions {
  /** Replies for parts that have none of their own, by operation. */
  readonly operations?: readonly OperationReply[];
  /** A clock that the test turns. @default one that turns itself, so that the run ends at once */
  readonly clock?: ManualClock;
  readonly policy?: PlanPolicy;
  /** Ms kept back from the deadline. @default 10 */
  readonly reserveMs?: number;
  /** The timeout of a call where neither the plan nor its policy states one, in ms. @default the deadline of the plan alone */
  readonly timeoutOf?: (operation: OperationInfo) => number;
}

/** A call that the plan made. */
export interface MadeCall {
  /** Name of the part, followed by `.fallback` or `.undo` for its fallback or its undo. */
  readonly part: string;
  /** Id of the operation. */
  readonly operation: string;
  readonly args: CallArgs;
  /** Milliseconds after the start of the run. */
  readonly atMs: number;
}

export interface RunTrace {
  readonly calls: readonly MadeCall[];
  /** Milliseconds that the run took on its clock: those of the critical path, not the sum of all calls. */
  readonly tookMs: number;
}

export type PlanRunResult<Parts> = RunTrace &
  ((Pick<Finished, 'kind' | 'report'> & { readonly parts: Parts }) | Refused | Cancelled);
export type ScreenRun = RunTrace & ScreenResult;

/**
 * Runs a plan without sockets: each call gets the reply of its part.
 * @throws {Error} that names the part, for a call without a reply
 */
export async function runPlan<In, Parts, Outs>(
  plan: Plan<In, Parts, Outs>,
  input: NoInfer<In>,
  replies: Replies<NoInfer<Outs>>,
  options: RunPlanOptions = {},
): Promise<PlanRunResult<Parts>> {
  const trace = await traced(input, replies, options, (run, context) => compilePlan(plan, run)(input, context));
  const { result, ...rest } = trace;
  if (result.kind !== 'finished') return { ...rest, ...result };
  const parts = Object.fromEntries(plan.parts.map(({ name }, index) => [name, result.values[index]]));
  // The runner puts the values in the order of the parts, whose types the plan carries.
  return { ...rest, kind: 'finished', report: result.report, parts: parts as Parts };
}

/** Runs a screen, plan and view, without sockets. Parts have no types of their own here, because a screen hides those of its plan. */
export async function runScreen(
  screen: Screen<unknown>,
  input: unknown,
  replies: Readonly<Record<string, Reply<unknown>>>,
  options: RunPlanOptions = {},
): Promise<ScreenRun> {
  const { result, ...rest } = await traced(input, replies, options, (run, context) =>
    compileScreen(screen, run).run(input, context),
  );
  return { ...rest, ...result };
}

async function traced<R>(
  input: unknown,
  replies: Readonly<Record<string, Reply<unknown> | undefined>>,
  options: RunPlanOptions,
  start: (run: RunOptions, context: RequestContext) => Promise<R>,
): Promise<RunTrace & { readonly result: R }> {
  const { operations = [], clock = new ManualClock(), policy, reserveMs, timeoutOf } = options;
  const begun = clock.now();
  const calls: MadeCall[] = [];
  let unanswered: Error | undefined;
  const run: RunOptions = {
    clock,
    policy,
    ...(reserveMs !== undefined && { reserveMs }),
    bind: (operation, terms) => {
      const limitMs = terms.timeoutMs ?? timeoutOf?.(operation) ?? Infinity;
      const part = terms.role === 'call' ? terms.part : `${terms.part}.${terms.role}`;
      const own = replies[part] ?? operations.find((known) => known.operation === operation)?.reply;
      return (args, scope) => {
        if (own === undefined) {
          // Thrown at the end as well: an undo reports a bug without ending the run.
          unanswered ??= new Error(
            `'${part}' calls ${operation.id} and has no reply: give it one, { ${quoted(part)}: reply(...) }`,
          );
          throw unanswered;
        }
        calls.push({ part, operation: operation.id, args, atMs: clock.now() - begun });
        const { context, cancellation } = scope;
        const deadlineAt = Math.min(scope.deadlineAt, clock.now() + limitMs);
        return perform(own, operation, args, { context, part: scope.part, deadlineAt, cancellation }, clock);
      };
    },
  };
  const context = new RequestContext('test', begun, 'GET', '127.0.0.1', {});
  context.caller = callerIn(input);
  const running = start(run, context);
  const result = await (options.clock === undefined ? clock.until(running) : running);
  if (unanswered !== undefined) throw unanswered;
  return { calls, tookMs: clock.now() - begun, result };
}

/** The `caller` of the input is the caller of the request, which calls with `access` are for. */
function callerIn(input: unknown): Caller | undefined {
  const caller: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'caller') : undefined;
  return isCaller(caller) ? { ...caller, scopes: caller.scopes ?? [], roles: caller.roles ?? [] } : undefined;
}

/** Plans under test often give no more of a caller than its subject. */
const isCaller = (value: unknown): value is Partial<Caller> & { readonly subject: string } =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'subject') === 'string';

/** As a key of an object literal. */
const quoted = (part: string): string => (part.includes('.') ? `'${part}'` : part);

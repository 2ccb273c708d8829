import type { CallTerms, PartsReport, ScreenResult } from '@frontage/aggregation';
import type { BodyReader, Executor, RequestContext } from '@frontage/context';
import type { Clock, Incident, IncidentCall, IncidentResponse, OperationInfo, Outcome } from '@frontage/core';

/** The part of an incident that a screen knows. */
export type ScreenIncident = Omit<Incident, 'incident' | 'app' | 'environment'>;

interface ScreenIncidentsOptions {
  /** Name of the plan. */
  readonly screen: string;
  readonly slowMs: number;
  readonly clock: Clock;
  /** Takes what may be kept; it is made only where it is. */
  readonly keep: (made: () => ScreenIncident) => void;
}

/** Most calls of one request that are noted. */
const maxCalls = 200;

/** A call under way, or its end. */
interface NotedCall {
  readonly part: string;
  readonly operation: OperationInfo;
  readonly startedAt: number;
  endedAt: number | undefined;
  /** Absent while it runs, and for one that was given up. */
  outcome: Outcome<unknown> | undefined;
}

/** Notes the calls of the requests to one screen, and hands on those that did not go well. */
export class ScreenIncidents {
  readonly #options: ScreenIncidentsOptions;
  readonly #calls = new WeakMap<RequestContext, NotedCall[]>();
  /** The bytes of bodies that are read without being parsed, by what their reader made of them. */
  readonly #bytes = new WeakMap<object, Buffer>();

  constructor(options: ScreenIncidentsOptions) {
    this.#options = options;
  }

  /** The calls of a part. */
  around(operation: OperationInfo, { part, role }: CallTerms, execute: Executor): Executor {
    const { clock } = this.#options;
    const name = role === 'call' ? part : `${part}.${role}`;
    return async (args, scope) => {
      const { context, cancellation } = scope;
      const calls = this.#calls.get(context) ?? [];
      if (calls.length === 0) this.#calls.set(context, calls);
      const call: NotedCall = { part: name, operation, startedAt: clock.now(), endedAt: undefined, outcome: undefined };
      if (calls.length < maxCalls) calls.push(call);
      const outcome = await execute(args, scope);
      call.endedAt = clock.now();
      if (outcome.ok || !cancellation.cancelled) call.outcome = outcome;
      return outcome;
    };
  }

  /** A reader that keeps the bytes. */
  reading(reader: BodyReader | undefined): BodyReader | undefined {
    return (
      reader &&
      ((bytes) => {
        const read = reader(bytes);
        if (read !== undefined) this.#bytes.set(read, bytes);
        return read;
      })
    );
  }

  /**
   * Hands on a request that failed, lacks parts, or was slow.
   * @param status of the response
   */
  ended(context: RequestContext, input: Incident['input'], result: ScreenResult, status: number): void {
    const because = this.#because(context, result, status);
    if (because !== undefined) this.#hand(context, input, { because, status, ...detailsOf(result) });
  }

  /** Hands on a request that ended in a mistake of code. */
  broke(context: RequestContext, input: Incident['input']): void {
    this.#hand(context, input, { because: 'problem', status: 500, missing: {} });
  }

  #because(context: RequestContext, { kind }: ScreenResult, status: number): Incident['because'] | undefined {
    if (kind === 'problem') return status >= 500 ? 'problem' : undefined;
    if (kind === 'partial') return 'partial';
    if (kind === 'cancelled') return undefined;
    return this.#options.clock.now() - context.startedAt >= this.#options.slowMs ? 'slow' : undefined;
  }

  #hand(
    context: RequestContext,
    input: Incident['input'],
    of: Pick<Incident, 'because' | 'status' | 'missing' | 'code'>,
  ): void {
    const { screen, slowMs, clock, keep } = this.#options;
    const now = clock.now();
    const calls = this.#calls.get(context) ?? [];
    keep(() => ({
      requestId: context.requestId,
      time: new Date(clock.wallTime()).toISOString(),
      screen,
      method: context.method,
      route: context.route,
      durationMs: tenths(now - context.startedAt),
      slowMs,
      ...of,
      input,
      calls: calls.map((call) => this.#callOf(call, context, now)),
    }));
  }

  #callOf(call: NotedCall, context: RequestContext, now: number): IncidentCall {
    const { part, operation, startedAt, endedAt = now, outcome } = call;
    return {
      part,
      upstream: operation.contract.upstream,
      operation: operation.id,
      startedMs: tenths(startedAt - context.startedAt),
      tookMs: tenths(endedAt - startedAt),
      response: this.#responseOf(outcome),
    };
  }

  #responseOf(outcome: Outcome<unknown> | undefined): IncidentResponse {
    if (outcome === undefined) return { kind: 'none' };
    if (!outcome.ok)
      return outcome.status === 'timeout' && outcome.upstreamStatus === undefined
        ? { kind: 'none' }
        : { kind: 'failure', failure: outcome };
    const { value, headers } = outcome;
    const fields = headers !== undefined && { headers };
    if (value === undefined) return { kind: 'value', ...fields };
    const body = this.#bodyOf(value);
    return body === undefined
      ? { kind: 'left_out', why: 'it is no JSON' }
      : { kind: 'value', body: JSON.parse(body) as unknown, ...fields };
  }

  /** The text of a body that is JSON. */
  #bodyOf(value: unknown): string | undefined {
    const bytes = typeof value === 'object' && value !== null ? this.#bytes.get(value) : undefined;
    if (bytes !== undefined) return bytes.toString();
    if (isPlain(value)) return JSON.stringify(value);
    return undefined;
  }
}

/** A value that JSON has; a file that arrives and bytes are none. */
const isPlain = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
};

function detailsOf(result: ScreenResult): Pick<Incident, 'missing' | 'code'> {
  if (result.kind === 'problem') return { missing: {}, code: result.code };
  return { missing: result.kind === 'partial' ? missingOf(result.report) : {} };
}

/** Of items, the first reason stands for all. */
const missingOf = (report: PartsReport): Incident['missing'] =>
  Object.fromEntries(
    Object.entries(report).map(([part, missing]) => {
      if ('status' in missing) return [part, { status: missing.status, source: missing.source }];
      return [part, { status: Object.values(missing.items)[0] ?? 'error', source: 'none' }];
    }),
  );

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

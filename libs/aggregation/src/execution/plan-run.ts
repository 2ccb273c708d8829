import { firstAwaited, type CallingRun, type CompiledGraph, type Gathering } from '../run/compiled.js';
import { pending, type CallAsker, type ContractViolation } from '../run/run-state.js';
import {
  Cancellation,
  heedRejection,
  type CancelReason,
  type Clock,
  type Failure,
  type MissingStatus,
  type Timer,
} from '@frontage/core';
import { noteFailure, noteViolation, type RequestContext } from '@frontage/context';
import { deadlinePassed, expireCall, ruledOutPart, startCall } from './compiled-call.js';
import { missingParts } from '../run/missing-parts.js';
import type { PartHeaders } from '../model/node-traits.js';
import { reportOf, type MissingItems, type MissingPart } from '../model/parts-report.js';
import {
  badPayloadOf,
  refused,
  refusedWith,
  violationOf,
  type PlanResult,
  type ProblemMembers,
  type Refused,
} from '../run/plan-result.js';
import { unwind } from './unwind.js';
import { WriteLog } from './write-log.js';
import type { Refusal } from '../model/nodes.js';

/** The arguments of one run, and the receivers of its result. */
interface PlanRequest {
  readonly input: unknown;
  readonly context: RequestContext;
  readonly resolve: (result: PlanResult) => void;
  /** Called for a bug alone. */
  readonly reject: (bug: unknown) => void;
}

/** The run of a plan for one request. Counters decide when a node starts: the only promises are those of the calls and that of the run. */
export class PlanRun implements CallAsker, CallingRun {
  readonly values: unknown[];
  headers: Map<number, PartHeaders> | undefined;
  readonly input: unknown;
  readonly context: RequestContext;
  readonly clock: Clock;
  readonly deadlineAt: number;
  /** Stops the reads of this run alone. */
  readonly cancellation = new Cancellation();

  readonly #graph: CompiledGraph;
  readonly #waits: number[];
  readonly #resolve: (result: PlanResult) => void;
  readonly #reject: (bug: unknown) => void;
  #over = false;
  #left: number;
  #gatherings: (Gathering | undefined)[] | undefined;
  #writes: WriteLog | undefined;
  #missing: (MissingPart | MissingItems | undefined)[] | undefined;
  #timer: Timer;

  constructor(graph: CompiledGraph, { input, context, resolve, reject }: PlanRequest) {
    this.#graph = graph;
    this.input = input;
    this.context = context;
    this.clock = graph.clock;
    this.deadlineAt = Math.min(context.deadlineAt, context.startedAt + graph.deadlineMs) - graph.reserveMs;
    this.values = graph.blank.slice();
    this.#waits = graph.waits.slice();
    this.#left = graph.nodes.length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { reason } = this.context.cancellation;
    if (reason === 'deadline') this.cancellation.cancel(reason);
    else this.context.cancellation.onCancel(this.#gone);
    if (this.isOver()) return;
    try {
      for (const slot of this.#graph.roots) {
        if (this.isOver()) return;
        this.#begin(slot);
      }
    } catch (bug) {
      this.fail(bug);
      return;
    }
    if (this.#left === 0) this.#complete();
    else if (!this.#over)
      this.#timer = this.clock.setTimer(this.#expire, Math.max(0, this.deadlineAt - this.clock.now()));
  }

  isOver(): boolean {
    return this.#over;
  }

  /** The writes that were sent. */
  get writes(): WriteLog {
    return (this.#writes ??= new WriteLog(this, this.#pendingWrites));
  }

  succeeded(slot: number, value: unknown, headers?: PartHeaders): void {
    if (headers !== undefined) (this.headers ??= new Map()).set(slot, headers);
    this.#arrive(slot, this.#graph.nodes[slot]!.mayBeMissing ? { ok: true, value } : value);
  }

  failed(slot: number, status: MissingStatus): void {
    const { fallback } = this.#graph.nodes[slot]!;
    this.note(slot, { status, source: fallback === undefined ? 'none' : 'fallback' });
    this.#arrive(slot, fallback === undefined ? missingParts[status] : fallback.value);
  }

  fellBack(slot: number, value: unknown, missing: MissingPart, headers?: PartHeaders): void {
    this.note(slot, missing);
    this.succeeded(slot, value, headers);
  }

  ruledOut(slot: number): void {
    const { fallback } = this.#graph.nodes[slot]!;
    this.#arrive(slot, fallback === undefined ? ruledOutPart : fallback.value);
  }

  /**
   * A value that arrived violates its contract: a part that may be missing is missing from now on.
   * @returns whether the run goes on; without a required part it has ended
   */
  distrust({ slot, detail }: ContractViolation): boolean {
    const { name, critical, mayBeMissing, fallback } = this.#graph.nodes[slot]!;
    this.#noteFailure(slot, violationOf(detail), noteViolation);
    if (!critical && (mayBeMissing || fallback !== undefined)) {
      this.note(slot, { status: 'bad_payload', source: fallback === undefined ? 'none' : 'fallback' });
      this.values[slot] = fallback === undefined ? missingParts.bad_payload : fallback.value;
      return true;
    }
    this.refuse(badPayloadOf(name, detail));
    return false;
  }

  /** Notes for the report that a part, or some of its items, is missing. */
  note(slot: number, missing: MissingPart | MissingItems): void {
    this.#missing ??= [];
    this.#missing[slot] = missing;
  }

  refuseWith(refusal: Refusal, part: string | undefined, values: readonly unknown[], members?: ProblemMembers): void {
    this.refuse(refusedWith(refusal, part, values, members));
  }

  /** Ends the request with a problem and stops the calls that are still running. */
  refuse(refused: Refused): void {
    this.#end(refused, 'sibling_failed');
  }

  /** Ends the run with a bug: an executor or a function of the plan threw. */
  readonly fail = (bug: unknown): void => {
    heedRejection(bug);
    if (this.isOver()) return;
    this.#close();
    this.cancellation.cancel('sibling_failed');
    if (this.#writes === undefined) this.#reject(bug);
    else unwind(this.#writes, this.#graph, { kind: 'bug', bug }).then(this.#resolve, this.#reject);
  };

  #begin(slot: number): void {
    const { work } = this.#graph.nodes[slot]!;
    switch (work.kind) {
      case 'call':
        startCall({ call: work.call, run: this, item: undefined, asker: this, at: slot });
        return;
      case 'step':
        work.step(this, slot);
        return;
      case 'gathering': {
        const gathering = work.gather(this, slot);
        (this.#gatherings ??= [])[slot] = gathering;
        gathering.start();
      }
    }
  }

  #arrive(slot: number, value: unknown): void {
    if (this.isOver() || this.values[slot] !== pending) return;
    this.values[slot] = value;
    this.#left--;
    for (const dependent of this.#graph.nodes[slot]!.dependents) {
      if (--this.#waits[dependent]! === 0) this.#begin(dependent);
      if (this.isOver()) return;
    }
    if (this.#left === 0) this.#complete();
  }

  readonly #gone = (reason: CancelReason): void => {
    if (reason === 'deadline') this.#expire();
    else this.#end({ kind: 'cancelled' }, reason);
  };

  /** At the deadline, a request without a critical part is refused; otherwise it ends without the parts that are still running. */
  readonly #expire = (): void => {
    if (this.isOver()) return;
    const { nodes } = this.#graph;
    const late = firstAwaited(nodes, this.values, this.#waits);
    if (late >= 0) {
      this.#noteFailure(late, deadlinePassed);
      this.#end(refused('GW_DEADLINE_EXCEEDED', { part: nodes[late]!.name }), 'deadline');
      return;
    }
    this.cancellation.cancel('deadline');
    try {
      for (let slot = 0; slot < nodes.length && !this.isOver(); slot++) {
        if (this.values[slot] !== pending || this.#waits[slot] !== 0) continue;
        const { work } = nodes[slot]!;
        if (work.kind === 'call') expireCall({ call: work.call, run: this, item: undefined, asker: this, at: slot });
        else this.#gatherings?.[slot]?.expire(expireCall);
      }
    } catch (bug) {
      this.fail(bug);
    }
  };

  #noteFailure(slot: number, failure: Failure, note = noteFailure): void {
    const { name, operation } = this.#graph.nodes[slot]!;
    if (operation) note(this.context, name, operation, failure);
  }
  #complete(): void {
    const { values, headers } = this;
    const report = reportOf(this.#missing, this.#graph.nodes);
    const writes = this.#writes && { writes: this.#writes.report() };
    this.#end({ kind: 'finished', values, headers, report, ...writes }, undefined);
  }

  #end(result: PlanResult, stop: CancelReason | undefined): void {
    if (this.isOver()) return;
    this.#close();
    if (stop !== undefined) this.cancellation.cancel(stop);
    const mayHaveChanged = this.#writes !== undefined || (result.kind === 'refused' && this.#graph.writes.length > 0);
    if (result.kind === 'finished' || !mayHaveChanged) this.#resolve(result);
    else unwind(this.writes, this.#graph, result).then(this.#resolve, this.#reject);
  }

  readonly #pendingWrites = (): readonly string[] =>
    this.#graph.writes.flatMap(({ slot, part }) =>
      this.values[slot] === pending ? (this.#gatherings?.[slot]?.writes?.() ?? [part]) : [],
    );

  #close(): void {
    this.#over = true;
    if (this.#timer !== undefined) this.clock.clearTimer(this.#timer);
    this.context.cancellation.offCancel(this.#gone);
  }
}

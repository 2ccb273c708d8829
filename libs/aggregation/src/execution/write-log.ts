import {
  Cancellation,
  channels,
  fateOf,
  type CallArgs,
  type Warning,
  type Failure,
  type Outcome,
  type WriteFate,
  type WritesReport,
} from '@frontage/core';
import type { CompiledCall } from '../run/compiled.js';
import type { RunState } from '../run/run-state.js';

type State = 'under way' | 'undone' | WriteFate;

interface SentWrite {
  readonly call: CompiledCall;
  state: State;
  /** The result of the write, for its undo. */
  result: unknown;
}

/** The writes of one request. */
export class WriteLog {
  readonly #run: RunState;
  readonly #pendingWrites: () => readonly string[];
  readonly #sent: SentWrite[] = [];
  #whenSettled: (() => void) | undefined;

  /** @param pendingWrites names the writes of the plan that the run has not reached */
  constructor(run: RunState, pendingWrites: () => readonly string[]) {
    this.#run = run;
    this.#pendingWrites = pendingWrites;
  }

  /** Sends a write. A sent write is not aborted when the client leaves: otherwise its state would not be known. */
  send(call: CompiledCall, args: CallArgs, now: number, settle: (outcome: Outcome<unknown>) => void): void {
    const write: SentWrite = { call, state: 'under way', result: undefined };
    this.#sent.push(write);
    this.#execute(call, args, now).then(
      (raw) => {
        const outcome = call.classify(raw);
        write.state = fateOf(outcome);
        if (outcome.ok) write.result = outcome.value;
        this.#settled();
        if (this.#run.isOver()) return;
        try {
          settle(outcome);
        } catch (bug) {
          this.#run.fail(bug);
        }
      },
      (bug: unknown) => {
        write.state = 'unknown';
        this.#settled();
        this.#run.fail(bug);
      },
    );
  }

  /** Whether all writes of the plan have succeeded. */
  allDone(count: number): boolean {
    return this.#sent.length === count && this.#sent.every(({ state }) => state === 'done');
  }

  /** The current state of the writes. The state of a running write is unknown; a write that never started was not sent. */
  report(): WritesReport {
    const named = (...states: readonly State[]) =>
      this.#sent.flatMap(({ call, state }) => (states.includes(state) ? [call.part] : []));
    const isNotSent = (part: string) => this.#sent.every(({ call }) => call.part !== part);
    return {
      done: named('done'),
      undone: named('undone'),
      refused: named('refused'),
      unknown: named('unknown', 'under way'),
      notSent: [...named('notSent'), ...this.#pendingWrites().filter(isNotSent)],
    };
  }

  /** Resolves when no write is running. */
  async settled(): Promise<void> {
    if (this.#isUnderWay()) await new Promise<void>((resolve) => (this.#whenSettled = resolve));
  }

  /** Takes back the writes that succeeded and have an undo, the last one first. Wait for `settled` before. */
  async takeBack(): Promise<void> {
    for (const write of this.#sent.toReversed()) {
      const { undo } = write.call;
      if (write.state === 'done' && undo !== undefined) write.state = await this.#undo(undo, write.result);
    }
  }

  async #undo(undo: CompiledCall, result: unknown): Promise<State> {
    // `compileFill` of an argument tree that was checked against the operation's groups.
    const args = undo.args(this.#run, result) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    if (undo.mustHave.some(({ group, name }) => (args[group]?.[name] ?? undefined) === undefined)) return 'done';
    try {
      const outcome = await this.#execute(undo, args, this.#run.clock.now());
      if (outcome.ok || isExpected(undo, outcome)) return 'undone';
      return fateOf(outcome) === 'unknown' ? 'unknown' : 'done';
    } catch (bug) {
      const { part } = undo;
      const warning: Warning = {
        from: 'aggregation',
        message: `the undo of '${part}' failed with a bug`,
        cause: bug,
      };
      if (channels.warning.hasSubscribers) channels.warning.publish(warning);
      return 'unknown';
    }
  }

  /** A write gets a cancellation of its own, so that no other code can abort it. */
  #execute(call: CompiledCall, args: CallArgs, now: number): Promise<Outcome<unknown>> {
    const { context } = this.#run;
    const deadlineAt = now + call.timeoutMs;
    return call.execute(args, { context, part: call.part, deadlineAt, cancellation: new Cancellation() });
  }

  #isUnderWay(): boolean {
    return this.#sent.some(({ state }) => state === 'under way');
  }

  #settled(): void {
    if (!this.#isUnderWay()) this.#whenSettled?.();
  }
}

/** A declared status that the undo has a value for: the change is already gone, for example. */
const isExpected = ({ onStatus }: CompiledCall, { declared, upstreamStatus = 0 }: Failure): boolean =>
  onStatus[declared?.status ?? upstreamStatus] !== undefined;

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
import type { CompiledCall, RequestedCall } from '../run/compiled.js';
import { ItemFrame } from '../run/item-frame.js';
import type { RunState } from '../run/run-state.js';

type State = 'under way' | 'undone' | WriteFate;

interface SentWrite {
  readonly call: CompiledCall;
  /** Its name in the report: of the part, and of the item where it is one of many (`lines[2]`). */
  readonly label: string;
  /** The item that it was sent for. */
  readonly item: unknown;
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
  send(
    { call, item, label = call.part }: RequestedCall,
    args: CallArgs,
    now: number,
    settle: (outcome: Outcome<unknown>) => void,
  ): void {
    const write: SentWrite = { call, label, item, state: 'under way', result: undefined };
    // A fallback takes the place of the write that was not made.
    const before = this.#sent.findIndex((sent) => sent.label === label);
    if (before >= 0) this.#sent.splice(before, 1);
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

  /** True if all writes of the plan have succeeded. */
  allDone(): boolean {
    return (
      this.#sent.every(({ state }) => state === 'done') && this.#pendingWrites().every((label) => this.#isSent(label))
    );
  }

  /** The current state of the writes. The state of a running write is unknown; a write that never started was not sent. */
  report(): WritesReport {
    const named = (...states: readonly State[]) =>
      this.#sent.flatMap(({ label, state }) => (states.includes(state) ? [label] : []));
    return {
      done: named('done'),
      undone: named('undone'),
      refused: named('refused'),
      unknown: named('unknown', 'under way'),
      notSent: [...named('notSent'), ...this.#pendingWrites().filter((label) => !this.#isSent(label))],
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
      if (write.state === 'done' && undo !== undefined) write.state = await this.#undo(undo, write);
    }
  }

  async #undo(undo: CompiledCall, { item, result, label }: SentWrite): Promise<State> {
    const local = item instanceof ItemFrame ? new ItemFrame(result, item.at, item) : result;
    // `compileFill` of an argument tree that was checked against the operation's groups.
    const args = undo.args(this.#run, local) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    if (undo.mustHave.some(({ path: [group = '', name = ''] }) => (args[group]?.[name] ?? undefined) === undefined))
      return 'done';
    try {
      const outcome = await this.#execute(undo, args, this.#run.clock.now());
      if (outcome.ok || isExpected(undo, outcome)) return 'undone';
      return fateOf(outcome) === 'unknown' ? 'unknown' : 'done';
    } catch (bug) {
      const warning: Warning = {
        from: 'aggregation',
        message: `the undo of '${label}' failed with a bug`,
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

  #isSent(label: string): boolean {
    return this.#sent.some((sent) => sent.label === label);
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

import type { RequestContext } from '@frontage/context';
import { fateOf, type OperationInfo, type Outcome, type WriteFate, type WritesReport } from '@frontage/core';

type State = WriteFate | 'under way';

/**
 * The changes that typed clients have asked for during one request, by operation id. A handler that changes one thing and fails at the
 * next must not look like one that changed nothing. As large as the contracts have operations, however many calls are made.
 */
export class ClientWrites {
  readonly #states = new Map<State, Map<string, number>>();

  /** @returns the log of a request: the same for all clients of all upstreams */
  static of(context: RequestContext): ClientWrites {
    let writes = logs.get(context);
    if (writes === undefined) {
      writes = new ClientWrites();
      logs.set(context, writes);
    }
    return writes;
  }

  /** The log where there is one: reads alone make none. */
  static known(context: RequestContext): ClientWrites | undefined {
    return logs.get(context);
  }

  async follow({ id }: OperationInfo, call: () => Promise<Outcome<unknown>>): Promise<Outcome<unknown>> {
    this.#count('under way', id, 1);
    let fate: WriteFate = 'unknown';
    try {
      const outcome = await call();
      fate = fateOf(outcome);
      return outcome;
    } finally {
      this.#count('under way', id, -1);
      this.#count(fate, id, 1);
    }
  }

  report(): WritesReport {
    const named = (...states: readonly State[]) => [
      ...new Set(states.flatMap((state) => [...(this.#states.get(state)?.keys() ?? [])])),
    ];
    return {
      done: named('done'),
      undone: [],
      refused: named('refused'),
      unknown: named('unknown', 'under way'),
      notSent: named('notSent'),
    };
  }

  #count(state: State, id: string, change: number): void {
    const counts = this.#states.get(state) ?? new Map<string, number>();
    this.#states.set(state, counts);
    const count = (counts.get(id) ?? 0) + change;
    if (count > 0) counts.set(id, count);
    else counts.delete(id);
  }
}

const logs = new WeakMap<RequestContext, ClientWrites>();

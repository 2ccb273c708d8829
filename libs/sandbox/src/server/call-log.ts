/** One request that reached an upstream of the sandbox. */
export interface LoggedCall {
  readonly upstream: string;
  readonly operation: string;
  readonly method: string;
  /** Path and query below the upstream's address, as received. */
  readonly target: string;
  /** As received; credentials are replaced by `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch with fractions, from a monotonic clock: comparable between processes of one machine. */
  readonly startedAt: number;
  endedAt?: number;
  /** HTTP status; absent where none was sent. */
  status?: number;
  /** Its state: `aborted` means that the caller closed the connection before the response was complete. */
  state: 'open' | 'answered' | 'aborted' | 'reset';
}

export interface CallCount {
  readonly upstream: string;
  readonly operation: string;
  count: number;
  aborted: number;
  open: number;
  /** Most calls that were open at the same time. */
  maxOpen: number;
}

export interface CallReport {
  /** Grows with every call that begins or ends. */
  readonly version: number;
  readonly counts: readonly CallCount[];
  /** The last 500, the oldest first. */
  readonly recent: readonly LoggedCall[];
}

const maxRecent = 500;
const secret = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);

const epochNow = (): number => performance.timeOrigin + performance.now();

/** Records requests, so that tests can check the calls of an upstream. */
export class CallLog {
  readonly #counts = new Map<string, CallCount>();
  /** Each open call with its count, which may be older than the last reset. */
  readonly #open = new Map<LoggedCall, CallCount>();
  #recent: LoggedCall[] = [];
  #version = 0;
  readonly #waiting = new Set<() => void>();

  begin(
    call: Pick<LoggedCall, 'upstream' | 'operation' | 'method' | 'target'>,
    headers: NodeJS.Dict<string | string[]>,
  ): LoggedCall {
    const logged: LoggedCall = { ...call, headers: readable(headers), startedAt: epochNow(), state: 'open' };
    const count = this.#countOf(call.upstream, call.operation);
    count.count += 1;
    count.open += 1;
    count.maxOpen = Math.max(count.maxOpen, count.open);
    this.#open.set(logged, count);
    this.#recent.push(logged);
    if (this.#recent.length > maxRecent) this.#recent.shift();
    this.#changed();
    return logged;
  }

  end(call: LoggedCall, state: Exclude<LoggedCall['state'], 'open'>, status?: number): void {
    const count = this.#open.get(call);
    if (count === undefined) return;
    this.#open.delete(call);
    call.state = state;
    call.endedAt = epochNow();
    if (status !== undefined) call.status = status;
    count.open -= 1;
    if (state === 'aborted') count.aborted += 1;
    this.#changed();
  }

  report(): CallReport {
    return { version: this.#version, counts: [...this.#counts.values()], recent: this.#recent };
  }

  reset(): void {
    this.#counts.clear();
    this.#recent = [];
    this.#changed();
  }

  /** Resolves when something happened after `version`, or `waitMs` have passed. */
  async changedSince(version: number, waitMs: number): Promise<void> {
    if (this.#version > version) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  #countOf(upstream: string, operation: string): CallCount {
    const key = `${upstream} ${operation}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    // Bounded by the operations of the contracts.
    const count = { upstream, operation, count: 0, aborted: 0, open: 0, maxOpen: 0 };
    this.#counts.set(key, count);
    return count;
  }

  #changed(): void {
    this.#version += 1;
    for (const wake of this.#waiting) wake();
  }
}

function readable(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secret.has(name) ? '[redacted]' : String(value)]),
  );
}

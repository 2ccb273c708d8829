import type { FaultsState, FaultState, SandboxCall, SandboxState } from '../model/state.js';
import type { UpstreamFacts } from '../model/source.js';

/** Calls that the page shows. */
const maxCalls = 100;
/** Milliseconds between two looks, however many calls there are. */
const pauseMs = 250;
/** Milliseconds after a look that failed. */
const afterFailureMs = 2_000;

interface CallReport {
  readonly version: number;
  readonly recent: readonly (Omit<SandboxCall, 'ms'> & { readonly endedAt?: number })[];
}

/** The sandbox that plays upstreams of the app, by its API. */
export class SandboxClient {
  readonly url: string;
  /** By upstream of the app: its name in the sandbox. */
  readonly #served: ReadonlyMap<string, string>;
  #watch: AbortController | undefined;

  constructor(url: string, upstreams: readonly Pick<UpstreamFacts, 'name' | 'urls'>[]) {
    this.url = url;
    this.#served = new Map(
      upstreams.flatMap(({ name, urls }) => {
        const address = urls.find((one) => one.startsWith(`${url}/`));
        const served = address?.slice(url.length + 1).split('/', 1)[0];
        return served === undefined || served === '' ? [] : [[name, served] as const];
      }),
    );
  }

  plays(upstream: string): boolean {
    return this.#served.has(upstream);
  }

  async state(): Promise<SandboxState> {
    const [faults, report] = await Promise.all([this.#faults(), this.#json<CallReport>('calls')]);
    return this.#stateOf(faults, report);
  }

  /**
   * Sets the fault of an upstream, or of one of its operations, in the place of the one before; without a fault there is none.
   * @returns the mistake, as the sandbox says it
   */
  async setFault(
    upstream: string,
    operation: string | undefined,
    fault: FaultState | undefined,
  ): Promise<string | undefined> {
    const served = this.#served.get(upstream);
    if (served === undefined) return `the sandbox does not play ${upstream}`;
    const path = `${encodeURIComponent(served)}/faults`;
    if (fault === undefined) return this.#clear(path, operation);
    return this.#put(path, { ...fault, ...(operation !== undefined && { operation }) });
  }

  async clearFaults(): Promise<void> {
    await Promise.all(
      [...this.#served.keys()].map(async (name) => {
        for (const { operation } of (await this.#faults())[name] ?? []) await this.setFault(name, operation, undefined);
      }),
    );
  }

  /** Tells each change of faults or calls until {@link stop}; the sandbox holds each question until there is one. */
  watch(onChange: (state: SandboxState) => void): void {
    if (this.#watch !== undefined) return;
    const watch = new AbortController();
    this.#watch = watch;
    void this.#look(watch.signal, onChange);
  }

  stop(): void {
    this.#watch?.abort();
    this.#watch = undefined;
  }

  async #look(signal: AbortSignal, onChange: (state: SandboxState) => void): Promise<void> {
    let version = 0;
    while (!signal.aborted) {
      try {
        const report = await this.#json<CallReport>(`calls?since=${version}`, signal);
        // A sandbox that was started anew begins to count again.
        const isNews = report.version !== version;
        version = report.version;
        if (isNews) onChange(this.#stateOf(await this.#faults(), report));
        await pause(pauseMs, signal);
      } catch {
        version = 0;
        await pause(afterFailureMs, signal);
      }
    }
  }

  #stateOf(faults: FaultsState, { recent }: CallReport): SandboxState {
    const names = new Map([...this.#served].map(([name, served]) => [served, name]));
    const calls = recent
      .filter((one) => names.has(one.upstream))
      .slice(-maxCalls)
      .map(({ upstream, operation, method, target, startedAt, endedAt, status, state }) => ({
        upstream: names.get(upstream) ?? upstream,
        operation,
        method,
        target,
        startedAt,
        ...(endedAt !== undefined && { ms: Math.round((endedAt - startedAt) * 10) / 10 }),
        ...(status !== undefined && { status }),
        state,
      }));
    return { url: this.url, faults, calls: calls.toReversed() };
  }

  async #faults(): Promise<FaultsState> {
    const all = await this.#json<FaultsState>('faults');
    return Object.fromEntries([...this.#served].map(([name, served]) => [name, all[served] ?? []]));
  }

  async #put(path: string, fault: FaultState): Promise<string | undefined> {
    const response = await this.#ask(path, { method: 'PUT', body: JSON.stringify(fault) });
    if (response.ok) return undefined;
    const problem: unknown = await response.json();
    return typeof problem === 'object' && problem !== null && 'detail' in problem ? String(problem.detail) : 'no fault';
  }

  /** The API deletes the fault of one operation, or all: those of other operations are set again. */
  async #clear(path: string, operation: string | undefined): Promise<undefined> {
    if (operation !== undefined) {
      await this.#ask(`${path}?operation=${encodeURIComponent(operation)}`, { method: 'DELETE' });
      return;
    }
    const kept = (await this.#json<readonly FaultState[]>(path)).filter((fault) => fault.operation !== undefined);
    await this.#ask(path, { method: 'DELETE' });
    for (const fault of kept) await this.#put(path, fault);
  }

  #ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}/__sandbox/${path}`, init);
  }

  /** JSON as the sandbox of this workspace makes it. */
  async #json<T>(path: string, signal?: AbortSignal): Promise<T> {
    const response = await this.#ask(path, signal === undefined ? {} : { signal });
    if (!response.ok) throw new Error(`the sandbox responded with status ${response.status}`);
    return (await response.json()) as T;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

import type { Fault, LoggedCall } from '@frontage/sandbox';
import { SandboxProcess, type WorldToken } from './sandbox-process.js';

export interface WorldOptions {
  /** Upstreams that the test needs. */
  readonly upstreams: readonly string[];
  /** Upstreams among them with a process of their own, so that a test can kill or freeze one without the others. @default none */
  readonly separate?: readonly string[];
  /** The workspace whose contracts are served. @default that of this lib */
  readonly root?: string;
  /** Seed of generated values. @default frontage */
  readonly seed?: string;
  /** Names by which the upstreams may be reached, beside those of the loopback. @default none */
  readonly hosts?: readonly string[];
}

/** Upstreams as real processes on free ports, a token issuer, and the variables of `bff.yaml` with their addresses. */
export class World {
  /** `USERS_URL`, `ORDERS_URL`, ... and `ISSUER_URL`. */
  readonly env: Readonly<Record<string, string>>;
  readonly #shared: SandboxProcess;
  readonly #separate: ReadonlyMap<string, SandboxProcess>;

  /** @internal Use {@link startWorld}. */
  constructor(upstreams: readonly string[], shared: SandboxProcess, separate: ReadonlyMap<string, SandboxProcess>) {
    this.#shared = shared;
    this.#separate = separate;
    const addresses = upstreams.map((upstream) => [urlVariable(upstream), this.url(upstream)]);
    this.env = { ...(Object.fromEntries(addresses) as Record<string, string>), ISSUER_URL: shared.issuerUrl };
  }

  url(upstream: string): string {
    return this.#of(upstream).url(upstream);
  }

  get issuerUrl(): string {
    return this.#shared.issuerUrl;
  }

  token(request: WorldToken): Promise<string> {
    return this.#shared.token(request);
  }

  setFault(upstream: string, fault: Fault): Promise<void> {
    return this.#of(upstream).setFault(upstream, fault);
  }

  /** @param upstream all where left out */
  async clearFaults(upstream?: string): Promise<void> {
    if (upstream !== undefined) return this.#of(upstream).clearFaults(upstream);
    await Promise.all(this.#all().map((sandbox) => sandbox.clearFaults()));
  }

  /** Number of calls of an upstream, or of one of its operations. */
  async count(upstream: string, operation?: string): Promise<number> {
    const { counts } = await this.#of(upstream).calls();
    const matching = counts.filter(
      (one) => one.upstream === upstream && (operation === undefined || one.operation === operation),
    );
    return matching.reduce((sum, { count }) => sum + count, 0);
  }

  /** The last calls of an upstream, the oldest first: target, header fields, times, and how they ended. */
  async calls(upstream: string): Promise<readonly LoggedCall[]> {
    const { recent } = await this.#of(upstream).calls();
    return recent.filter((call) => call.upstream === upstream);
  }

  /** Waits until the calls of an upstream fit; each new call wakes it. @throws after `withinMs` */
  async untilCalls(
    upstream: string,
    fits: (calls: readonly LoggedCall[]) => boolean,
    withinMs = 5000,
  ): Promise<readonly LoggedCall[]> {
    const own = (calls: readonly LoggedCall[]): readonly LoggedCall[] =>
      calls.filter((call) => call.upstream === upstream);
    const { recent } = await this.#of(upstream).untilCalls((report) => fits(own(report.recent)), withinMs);
    return own(recent);
  }

  async resetCalls(): Promise<void> {
    await Promise.all(this.#all().map((sandbox) => sandbox.resetCalls()));
  }

  /** Ends the process of an upstream as a crash does. It must be one of `separate`. */
  kill(upstream: string): Promise<void> {
    return this.#ownProcess(upstream).kill();
  }

  /** Stops the responses of an upstream; its connections stay open. It must be one of `separate`. */
  freeze(upstream: string): void {
    this.#ownProcess(upstream).freeze();
  }

  thaw(upstream: string): void {
    this.#ownProcess(upstream).thaw();
  }

  /** Starts a killed upstream again on its port. It must be one of `separate`. */
  restart(upstream: string): Promise<void> {
    return this.#ownProcess(upstream).restart();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((sandbox) => sandbox.stop()));
  }

  #all(): readonly SandboxProcess[] {
    return [this.#shared, ...this.#separate.values()];
  }

  #of(upstream: string): SandboxProcess {
    return this.#separate.get(upstream) ?? this.#shared;
  }

  #ownProcess(upstream: string): SandboxProcess {
    const own = this.#separate.get(upstream);
    if (own !== undefined) return own;
    throw new Error(`${upstream} has no process of its own: startWorld({ ..., separate: ['${upstream}'] }).`);
  }
}

/** Starts upstreams for a test, all at once. Call `stop()` in `afterAll`; processes that are left over end with the test runner. */
export async function startWorld({ upstreams, separate = [], ...shared }: WorldOptions): Promise<World> {
  const together = upstreams.filter((upstream) => !separate.includes(upstream));
  const groups = [together, ...separate.map((upstream) => [upstream])];
  const started = await Promise.allSettled(
    groups.map((group) => SandboxProcess.start({ ...shared, upstreams: group })),
  );
  const sandboxes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  const [first, ...rest] = sandboxes;
  if (failed !== undefined || first === undefined) {
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
    throw failed?.reason ?? new Error('There is nothing to start.');
  }
  const own = new Map(rest.map((sandbox, index) => [separate[index] ?? '', sandbox]));
  return new World([...together, ...separate], first, own);
}

/** The address of `orders` is in ORDERS_URL. */
export const urlVariable = (upstream: string): string => `${upstream.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_URL`;

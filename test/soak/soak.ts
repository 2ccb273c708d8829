import { createReadStream, existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { attacks } from './attacks.js';
import { ask, closeSockets } from './client.js';
import { troubles } from './faults.js';
import { visitUntil, type LoadCounts } from './load.js';
import type { ProcessState } from './process-state.js';
import { Random } from './random.js';
import { deskConcurrency } from './upstreams/desk.js';
import { markOf } from './upstreams/marks.js';
import { secret, SoakWorld } from './world.js';

export interface SoakOptions {
  readonly seconds: number;
  /** Decides the order of everything that is done. */
  readonly seed: number;
}

export interface SoakReport {
  readonly base: ProcessState;
  readonly end: ProcessState;
  readonly requests: number;
  /** By name, how often. */
  readonly attacks: ReadonlyMap<string, number>;
  readonly troubles: ReadonlyMap<string, number>;
  /** Everything that is not as it has to be; empty where the BFF has passed. */
  readonly wrong: readonly string[];
}

/**
 * The margins by which a count may be higher at the end than after the warm-up. Permits and connections of clients have no margin. Kept connections to upstreams come
 * and go. The heap has caches and tables that are bounded and fill slowly; resident memory grows to a plateau that peaks of load decide.
 */
export const margins = { sockets: 40, heapMiB: 24, externalMiB: 16, residentMiB: 128 } as const;

const visitors = 8;
const attackers = 10;

/** Serves users and checks every response, while everything that once did harm is done to the BFF at the same time. */
export async function runSoak({ seconds, seed }: SoakOptions): Promise<SoakReport> {
  const world = await SoakWorld.start();
  const run = new Run(world, seed);
  try {
    return await run.report(seconds);
  } finally {
    closeSockets();
    const code = await world.stop();
    if (code !== 0) run.wrong.push(`the BFF ended with ${String(code)}`);
  }
}

class Run {
  readonly wrong: string[] = [];
  readonly #world: SoakWorld;
  readonly #seed: number;
  readonly #counts: LoadCounts = { requests: 0 };
  readonly #attacked = new Map<string, number>();
  readonly #troubled = new Map<string, number>();

  constructor(world: SoakWorld, seed: number) {
    this.#world = world;
    this.#seed = seed;
  }

  async report(seconds: number): Promise<SoakReport> {
    // The caches, the compiled code and the pools of connections are part of the base.
    const warmUpSeconds = Math.min(60, Math.max(5, seconds / 5));
    await Promise.all([this.#mixed(warmUpSeconds, []), this.#world.withdrawKey()]);
    const base = await this.#quietState();
    await this.#mixed(Math.max(1, seconds - warmUpSeconds), troubles);
    const end = await this.#quietState();
    this.#compare(base, end);
    await this.#checkPermits();
    await this.#checkTraces();
    return {
      base,
      end,
      requests: this.#counts.requests,
      attacks: this.#attacked,
      troubles: this.#troubled,
      wrong: this.wrong,
    };
  }

  /** Everything at once, for so long. */
  async #mixed(seconds: number, disturbing: typeof troubles): Promise<void> {
    const stopped = AbortSignal.timeout(seconds * 1_000);
    const random = (worker: number): Random => new Random(this.#seed + worker + this.#counts.requests);
    const found = await Promise.all([
      ...Array.from({ length: visitors }, (_, index) => visitUntil(this.#world, random(index), stopped, this.#counts)),
      ...Array.from({ length: attackers }, (_, index) => this.#attackUntil(random(100 + index), stopped)),
      this.#troubleUntil(disturbing, stopped),
    ]);
    this.wrong.push(...found.flat());
    closeSockets();
  }

  async #attackUntil(random: Random, stopped: AbortSignal): Promise<readonly string[]> {
    const wrong: string[] = [];
    const names = [...attacks.keys()];
    while (!stopped.aborted && wrong.length < 20) {
      const name = random.one(names);
      const found = await attacks
        .get(name)?.(this.#world, random)
        .catch((cause: unknown) => `no response: ${String(cause)}`);
      if (found !== undefined) wrong.push(`${name}: ${found}`);
      count(this.#attacked, name);
      await pause(random.below(20));
    }
    return wrong;
  }

  async #troubleUntil(disturbing: typeof troubles, stopped: AbortSignal): Promise<readonly string[]> {
    for (let turn = 0; !stopped.aborted && disturbing.length > 0; turn++) {
      const [name, trouble] = disturbing[turn % disturbing.length] ?? [];
      if (name === undefined || trouble === undefined) break;
      try {
        await trouble(this.#world);
        count(this.#troubled, name);
      } catch (cause) {
        return [`${name}: ${String(cause)}`];
      }
      await pause(500);
    }
    return [];
  }

  /** The state of the process once no client is there, and the longest stall until then. */
  async #quietState(): Promise<ProcessState> {
    let longestStallMs = 0;
    for (let attempt = 0; ; attempt++) {
      const state = await this.#world.state();
      longestStallMs = Math.max(longestStallMs, state.longestStallMs);
      const isQuiet = state.inFlight === 0 && state.watched === 0 && state.connections === 0;
      // The longest request ends by its deadline; kept connections to upstreams rest for some seconds longer.
      if ((isQuiet && attempt >= 3) || attempt === 40) return { ...state, longestStallMs };
      await pause(500);
    }
  }

  #compare(base: ProcessState, end: ProcessState): void {
    for (const kind of ['inFlight', 'watched', 'connections'] as const) {
      if (base[kind] !== 0 || end[kind] !== 0) this.wrong.push(`${kind}: ${base[kind]}, then ${end[kind]}`);
    }
    for (const [kind, margin] of Object.entries(margins) as [keyof typeof margins, number][]) {
      if (end[kind] > base[kind] + margin) this.wrong.push(`${kind}: ${base[kind]}, then ${end[kind]}`);
    }
    if (end.pid !== base.pid || end.pid !== this.#world.bff.pid) this.wrong.push('the process is another one');
  }

  /** As many calls as policy allows can be under way at the same time: none of the permits was lost. */
  async #checkPermits(): Promise<void> {
    const asked = await Promise.all(
      Array.from({ length: deskConcurrency }, (_, index) =>
        ask(this.#world.url, `/together/user-${index}`).catch((cause: unknown) => String(cause)),
      ),
    );
    asked.forEach((response, index) => {
      const isRight =
        typeof response !== 'string' && response.status === 200 && response.text.includes(markOf(`user-${index}`));
      if (!isRight) this.wrong.push(`a permit is missing: ${JSON.stringify(response).slice(0, 200)}`);
    });
  }

  /** The requests, log lines and metrics of the BFF. */
  async #checkTraces(): Promise<void> {
    const { desk, bff, adminUrl, logFile } = this.#world;
    for (const intrusion of desk.intrusions.slice(0, 10)) this.wrong.push(`the upstream got ${intrusion}`);
    const { status } = await ask(adminUrl, '/readyz');
    if (status !== 200) this.wrong.push(`/readyz says ${status}`);
    if (/unhandled|uncaught/i.test(bff.stderr) || bff.hasEnded) this.wrong.push(`the process said:\n${bff.stderr}`);
    if (existsSync(logFile) && (await holds(logFile, secret))) this.wrong.push('the log holds a secret');
  }
}

async function holds(file: string, text: string): Promise<boolean> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    rest = rest.slice(-text.length) + chunk;
    if (rest.includes(text)) return true;
  }
  return false;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../soak/random.js';
import { drawFault, optionalUpstreams, requiredUpstreams } from './faults.js';
import { pages, wrongWith, type Page } from './pages.js';
import { appNames, ChaosWorld, untilFits, type AppName, type Asked, type HeldState } from './world.js';

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Requests per second to each page. @default 15 */
  readonly rate?: number;
}

/** Counts of the requests to one page. */
export interface Outcome {
  readonly page: Page;
  requests: number;
  complete: number;
  partial: number;
  readonly problems: Map<string, number>;
  readonly took: number[];
}

export interface ChaosReport {
  readonly outcomes: readonly Outcome[];
  readonly faults: ReadonlyMap<string, number>;
  readonly held: ReadonlyMap<AppName, { readonly base: HeldState; readonly end: HeldState }>;
  /** Nothing, where all promises were kept. */
  readonly wrong: readonly string[];
}

/** A process may hold this much more than before: kept connections, caches and tables that fill. */
export const margins: Readonly<Record<keyof HeldState, number>> = {
  heapMiB: 24,
  residentMiB: 160,
  sockets: 40,
  timers: 12,
  listeners: 0,
};
/** A response may come so much later than its deadline on a machine where everything runs at once. */
const overshootMs = 500;
const mostWrong = 20;

class Run {
  readonly outcomes: readonly Outcome[];
  readonly wrong: string[] = [];
  readonly faults = new Map<string, number>();
  readonly #world: ChaosWorld;
  readonly #wholes: ReadonlyMap<Page, Asked['body']>;
  readonly #underWay = new Set<Promise<void>>();
  /** Only upstreams are ill that pages can do without. */
  isMild = true;
  #worstLagMs = 0;

  constructor(world: ChaosWorld, wholes: ReadonlyMap<Page, Asked['body']>) {
    this.#world = world;
    this.#wholes = wholes;
    this.outcomes = pages.map((page) => ({
      page,
      requests: 0,
      complete: 0,
      partial: 0,
      problems: new Map<string, number>(),
      took: [],
    }));
  }

  /** Sends at the rate, however slow the responses are. */
  async load(seconds: number, rate: number): Promise<void> {
    const from = performance.now();
    for (let sent = 0; performance.now() - from < seconds * 1_000;) {
      for (const due = ((performance.now() - from) / 1_000) * rate; sent < due; sent++) {
        for (const outcome of this.outcomes) {
          const asked = this.#ask(outcome);
          this.#underWay.add(asked);
          void asked.finally(() => this.#underWay.delete(asked));
        }
      }
      const at = performance.now();
      await pause(5);
      this.#worstLagMs = Math.max(this.#worstLagMs, performance.now() - at - 5);
    }
    await Promise.all(this.#underWay);
  }

  /** Faults come and go, several at once. */
  async disturb(random: Random, seconds: number, upstreams: Parameters<typeof drawFault>[1]): Promise<void> {
    const until = performance.now() + seconds * 1_000;
    const going: Promise<void>[] = [];
    while (performance.now() < until) {
      const { kind, upstream, faults, forMs, nextMs } = drawFault(random, upstreams);
      this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
      const proxy = this.#world.proxy(upstream);
      going.push(
        proxy
          .set(faults)
          .then(() => pause(forMs))
          .then(() => proxy.set({})),
      );
      await pause(nextMs);
    }
    await Promise.all(going);
    await this.#world.clearFaults();
  }

  tell(what: string): void {
    if (this.wrong.length < mostWrong) this.wrong.push(what);
  }

  async #ask(outcome: Outcome): Promise<void> {
    const { page } = outcome;
    const { isMild } = this;
    outcome.requests++;
    try {
      const asked = await this.#world.get(page.app, page.path);
      this.#note(outcome, asked);
      const wrong = wrongWith(asked, this.#wholes.get(page) ?? {}, isMild && this.isMild && page.survives);
      if (wrong !== undefined) this.tell(`${page.app} ${page.path}: ${wrong}`);
      // The clients of this process have their share in what a response took.
      if (asked.tookMs > page.deadlineMs + overshootMs + this.#worstLagMs)
        this.tell(`${page.app} ${page.path}: ${Math.round(asked.tookMs)} ms, with a deadline of ${page.deadlineMs} ms`);
    } catch (cause) {
      this.tell(`${page.app} ${page.path}: lost, ${String(cause)}`);
    }
  }

  #note(outcome: Outcome, { status, body, tookMs }: Asked): void {
    outcome.took.push(tookMs);
    if (status === 200) {
      if (body['_parts'] === undefined) outcome.complete++;
      else outcome.partial++;
      return;
    }
    const code = String(body['code']);
    outcome.problems.set(code, (outcome.problems.get(code) ?? 0) + 1);
  }
}

const isWhole = ({ status, body }: Asked): boolean => status === 200 && body['_parts'] === undefined;

/** Waits until every page is whole. @throws where one is not within the time that breakers may take */
async function wholePages(world: ChaosWorld, withinMs: number): Promise<ReadonlyMap<Page, Asked['body']>> {
  const wholes = new Map<Page, Asked['body']>();
  for (const page of pages)
    wholes.set(page, (await untilFits(() => world.get(page.app, page.path), isWhole, withinMs)).body);
  return wholes;
}

async function heldByAll(world: ChaosWorld): Promise<Map<AppName, HeldState>> {
  const held = new Map<AppName, HeldState>();
  for (const name of appNames) held.set(name, await world.app(name).held());
  return held;
}

/** Connections that a burst has opened are closed after their time without a call, so a process gets a minute for it. */
async function heldAfterRest(
  world: ChaosWorld,
  base: ReadonlyMap<AppName, HeldState>,
): Promise<Map<AppName, HeldState>> {
  const from = performance.now();
  for (;;) {
    const now = await heldByAll(world);
    const isBack = [...now].every(([name, { sockets }]) => sockets <= (base.get(name)?.sockets ?? 0) + margins.sockets);
    if (isBack || performance.now() - from > 60_000) return now;
    await pause(500);
  }
}

/**
 * Three BFFs under load from a seed, while the connections to their upstreams have faults at random: at first to those that pages can do without,
 * then to all. The order of faults is that of the seed; the times of the machine are its own.
 */
export async function runChaos({ seconds, seed, rate = 15 }: ChaosOptions): Promise<ChaosReport> {
  const world = await ChaosWorld.start(seed);
  try {
    const random = new Random(seed);
    const run = new Run(world, await wholePages(world, 20_000));
    const warmUp = Math.min(30, Math.max(2, seconds / 10));
    await run.load(warmUp, rate);
    const base = await heldByAll(world);
    const half = seconds / 2;
    await Promise.all([run.load(half, rate), run.disturb(random, half - 0.5, optionalUpstreams)]);
    run.isMild = false;
    await Promise.all([
      run.load(half, rate),
      run.disturb(random, half - 0.5, [...optionalUpstreams, ...requiredUpstreams]),
    ]);
    // A breaker that opened again and again waits for a minute at most.
    await wholePages(world, 90_000).catch((cause: unknown) => run.tell(`not whole again: ${String(cause)}`));
    const end = await heldAfterRest(world, base);
    const held = new Map<AppName, { base: HeldState; end: HeldState }>();
    for (const [name, before] of base) {
      const after = end.get(name) ?? before;
      held.set(name, { base: before, end: after });
      for (const kind of Object.keys(margins) as (keyof HeldState)[])
        if (after[kind] > before[kind] + margins[kind])
          run.tell(`${name} holds ${kind} ${after[kind].toFixed(1)}, and began with ${before[kind].toFixed(1)}`);
      if (!world.app(name).process.isRunning) run.tell(`${name} has ended`);
      if (/unhandled/i.test(world.app(name).process.stderr))
        run.tell(`${name}: ${world.app(name).process.stderr.slice(0, 300)}`);
    }
    return { outcomes: run.outcomes, faults: run.faults, held, wrong: run.wrong };
  } finally {
    await world.stop();
  }
}

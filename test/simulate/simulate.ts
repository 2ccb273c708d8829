import { Random } from '../soak/random.js';
import { Upstream, type Policies } from './gateway.js';
import { Service } from './service.js';
import { VirtualTime } from './virtual-time.js';

/** An incident of one of the ten services, from its first to its last second. */
export interface Incident {
  readonly name: string;
  /** @param second since the incident began, 0 up to the length */
  readonly ill: (service: Service, second: number) => void;
}

export const incidents: readonly Incident[] = [
  { name: 'a slow service', ill: (service) => (service.health = { slowness: 10, errors: 0, hangs: 0 }) },
  { name: 'a half-dead service', ill: (service) => (service.health = { slowness: 1, errors: 0, hangs: 0.5 }) },
  { name: 'a retry storm', ill: (service) => (service.health = { slowness: 1.5, errors: 0.6, hangs: 0 }) },
  {
    name: 'a cold start',
    ill: (service, second) =>
      (service.health = { slowness: second < 1 ? 1 : 10 / second, errors: second < 1 ? 1 : 0, hangs: 0 }),
  },
];

export const variants: Readonly<Record<string, Policies>> = {
  'no policy': {},
  'retries without a budget': { attempts: 3 },
  retry: { attempts: 2, budget: true },
  breaker: { breaker: true },
  concurrency: { concurrency: 0 },
  'adaptive concurrency': { concurrency: 'adaptive' },
  hedge: { hedge: true },
  'all of them': { attempts: 2, budget: true, breaker: true, concurrency: 0, hedge: true },
};

export interface Size {
  readonly gateways: number;
  /** Pages per second of each gateway. */
  readonly rate: number;
}

export const sizes: readonly Size[] = [
  { gateways: 1, rate: 200 },
  { gateways: 10, rate: 40 },
  { gateways: 100, rate: 8 },
];

export interface Result {
  /** Pages in time while the service is ill, as a share of all pages that need it. */
  readonly goodput: number;
  /** Calls that the ill service got for each call that pages needed. */
  readonly amplification: number;
  /** Seconds from the end of the incident until 95 % of the pages that need the service are in time again; Infinity: not within the run. */
  readonly recoverySeconds: number;
}

const services = 10;
const callsOfPage = 3;
const meanMs = 40;
/** Of the workers, without an incident. */
const utilisation = 0.6;
const deadlineMs = 500;
const [beginsAt, lasts, ends] = [15, 10, 55];

class World {
  readonly time = new VirtualTime();
  readonly sick: Service;
  readonly upstreams: (readonly Upstream[])[] = [];
  /** By second: pages that need the sick service, and those of them in time. */
  readonly asked = new Map<number, number>();
  readonly good = new Map<number, number>();
  readonly #random: Random;
  readonly #rate: number;

  constructor({ gateways, rate }: Size, policies: Policies, seed: number) {
    this.#random = new Random(seed);
    this.#rate = rate;
    const load = (gateways * rate * callsOfPage) / services;
    const workers = Math.max(1, Math.round((load * meanMs) / 1_000 / utilisation));
    const all = Array.from({ length: services }, () => new Service(this.time, this.#random, workers, meanMs));
    this.sick = all[0] ?? new Service(this.time, this.#random, workers, meanMs);
    // A limit of twice the fair share of the workers: what a team would write that knows its service.
    const concurrency =
      policies.concurrency === 0 ? Math.max(2, Math.ceil((2 * workers) / gateways)) : policies.concurrency;
    const own = { ...policies, ...(concurrency !== undefined && { concurrency }) };
    for (let i = 0; i < gateways; i++) {
      this.upstreams.push(all.map((service) => new Upstream(this.time, service, own)));
      this.#arrive(i);
    }
  }

  #arrive(gateway: number): void {
    const gap = (-Math.log(1 - this.#random.next()) * 1_000) / this.#rate;
    this.time.setTimer(() => {
      this.#page(gateway);
      this.#arrive(gateway);
    }, gap);
  }

  #page(gateway: number): void {
    const second = Math.floor(this.time.now() / 1_000);
    const deadlineAt = this.time.now() + deadlineMs;
    const chosen = new Set<number>();
    while (chosen.size < callsOfPage) chosen.add(this.#random.below(services));
    const needsSick = chosen.has(0);
    if (needsSick) this.asked.set(second, (this.asked.get(second) ?? 0) + 1);
    let left = callsOfPage;
    for (const index of chosen)
      this.upstreams[gateway]?.[index]?.call(deadlineAt, (isGood) => {
        if (isGood && --left === 0 && needsSick) this.good.set(second, (this.good.get(second) ?? 0) + 1);
      });
  }

  /** Calls that pages needed of the sick service so far. */
  get needed(): number {
    return this.upstreams.reduce((sum, [upstream]) => sum + (upstream?.needed ?? 0), 0);
  }

  goodput(from: number, to: number): number {
    let [asked, good] = [0, 0];
    for (let second = from; second < to; second++) {
      asked += this.asked.get(second) ?? 0;
      good += this.good.get(second) ?? 0;
    }
    return asked === 0 ? 1 : good / asked;
  }
}

/** One incident at one size under one set of policies, the same for the same seed. */
export function simulate(size: Size, incident: Incident, policies: Policies, seed: number): Result {
  const random = new Random(seed + 1);
  const machines = Math.random;
  // The jitter of retries is that of the seed, too.
  Math.random = () => random.next();
  try {
    const world = new World(size, policies, seed);
    world.time.run(beginsAt * 1_000);
    const [received, needed] = [world.sick.received, world.needed];
    for (let second = 0; second < lasts; second++) {
      incident.ill(world.sick, second);
      world.time.run((beginsAt + second + 1) * 1_000);
    }
    world.sick.recover();
    const amplification = (world.sick.received - received) / Math.max(1, world.needed - needed);
    world.time.run(ends * 1_000);
    const healed = beginsAt + lasts;
    let second = healed;
    // Two seconds in a row: one may be luck.
    while (second < ends - 2 && world.goodput(second, second + 2) < 0.95) second++;
    return {
      goodput: world.goodput(beginsAt, healed),
      amplification,
      recoverySeconds: second >= ends - 2 ? Number.POSITIVE_INFINITY : second - healed,
    };
  } finally {
    Math.random = machines;
  }
}

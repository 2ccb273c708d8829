import { setTimeout as pause } from 'node:timers/promises';
import { FaultProxy } from '@frontage/testing/fault-proxy';
import { startWorld, type World } from '@frontage/testing';
import { mobileUpstreams, type Upstream } from '../faults/mobile-upstreams.js';
import { AppProcess } from '../process/app-process.js';

export const appNames = ['mobile', 'web', 'partner'] as const;
export type AppName = (typeof appNames)[number];

/** Memory and handles of a process after a full collection of garbage. */
export interface HeldState {
  readonly heapMiB: number;
  readonly residentMiB: number;
  readonly sockets: number;
  readonly timers: number;
  /** Of the events of the process. */
  readonly listeners: number;
}

export interface RunningApp {
  readonly url: string;
  readonly held: () => Promise<HeldState>;
  readonly process: AppProcess;
}

const scopes = ['home:read', 'catalogue:read', 'cart:read', 'cart:write', 'orders:read', 'stock:read'];

/** The BFFs of the workspace as processes, over upstreams as processes, with a proxy that makes faults before each upstream. */
export class ChaosWorld {
  readonly proxies: ReadonlyMap<Upstream, FaultProxy>;
  readonly apps: ReadonlyMap<AppName, RunningApp>;
  readonly token: string;
  readonly #world: World;

  private constructor(
    world: World,
    proxies: ReadonlyMap<Upstream, FaultProxy>,
    apps: ReadonlyMap<AppName, RunningApp>,
    token: string,
  ) {
    this.#world = world;
    this.proxies = proxies;
    this.apps = apps;
    this.token = token;
  }

  static async start(seed: number, names: readonly AppName[] = appNames): Promise<ChaosWorld> {
    const world = await startWorld({ upstreams: mobileUpstreams });
    const proxies = new Map<Upstream, FaultProxy>();
    const env: Record<string, string> = { ...world.env };
    for (const [index, upstream] of mobileUpstreams.entries()) {
      const proxy = await FaultProxy.start({ target: world.url(upstream), seed: seed + index });
      proxies.set(upstream, proxy);
      env[`${upstream.toUpperCase()}_URL`] = proxy.url + new URL(world.url(upstream)).pathname;
    }
    const apps = new Map<AppName, RunningApp>();
    for (const name of names) {
      const app = new AppProcess({ script: 'test/chaos/fixtures/app.main.ts', env: { ...env, CHAOS_APP: name } });
      const { url, adminUrl } = await app.ready();
      const held = async () => (await (await fetch(adminUrl)).json()) as HeldState;
      apps.set(name, { url, held, process: app });
    }
    return new ChaosWorld(world, proxies, apps, await world.token({ user: 'ada', scopes }));
  }

  app(name: AppName): RunningApp {
    const app = this.apps.get(name);
    if (app === undefined) throw new Error(`${name} was not started`);
    return app;
  }

  proxy(upstream: Upstream): FaultProxy {
    const proxy = this.proxies.get(upstream);
    if (proxy === undefined) throw new Error(`there is no proxy before ${upstream}`);
    return proxy;
  }

  async get(name: AppName, path: string): Promise<Asked> {
    const sentAt = performance.now();
    const response = await fetch(this.app(name).url + path, { headers: { authorization: `Bearer ${this.token}` } });
    const body = (await response.json()) as Asked['body'];
    return { status: response.status, body, tookMs: performance.now() - sentAt };
  }

  async clearFaults(): Promise<void> {
    for (const proxy of this.proxies.values()) await proxy.set({});
  }

  async stop(): Promise<void> {
    for (const { process } of this.apps.values()) {
      process.signal('SIGTERM');
      await process.ended;
    }
    for (const proxy of this.proxies.values()) await proxy.stop();
    await this.#world.stop();
  }
}

/** Asks until the response fits. @throws with the last one where that takes longer */
export async function untilFits(
  ask: () => Promise<Asked>,
  fits: (asked: Asked) => boolean,
  withinMs: number,
): Promise<Asked> {
  const from = performance.now();
  for (;;) {
    const asked = await ask();
    if (fits(asked)) return asked;
    if (performance.now() - from > withinMs) throw new Error(`after ${withinMs} ms: ${JSON.stringify(asked)}`);
    await pause(100);
  }
}

export interface Asked {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly tookMs: number;
}

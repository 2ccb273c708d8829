import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { answering, type Upstreams } from './home-5/upstreams.js';
import type { Target } from './load.js';

export type Variant = 'differ' | 'repeat';

export interface Running extends Target {
  /** `home-5/nothing-on/differ` */
  readonly name: string;
  readonly variant: Variant;
  readonly child: ChildProcess;
}

interface Server {
  readonly name: string;
  readonly script: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What is compared. The first is what the others' ratios are to. */
const servers: readonly Server[] = [
  { name: 'bare', script: 'bare-dispatch.js' },
  { name: 'nothing-on', script: 'frontage.js', env: { MODE: 'nothing-on' } },
  { name: 'everything-on', script: 'frontage.js', env: { MODE: 'everything-on' } },
  { name: 'nest-axios', script: 'nest-axios.js' },
];

export interface World {
  readonly upstreams: Upstreams;
  readonly issuerUrl: string;
  readonly otlpUrl: string;
  readonly logFolder: string;
  readonly token: string;
}

/** Starts every server for every variant, each pinned to `cpu`, and waits until all answer. */
export async function startTargets(
  world: World,
  variants: readonly Variant[],
  cpu: string,
  firstPort: number,
): Promise<Running[]> {
  const running: Running[] = [];
  for (const variant of variants) {
    for (const server of servers) {
      const port = firstPort + running.length;
      const { MODE } = server.env ?? {};
      const child = spawn(
        'taskset',
        ['-c', cpu, process.execPath, join(import.meta.dirname, 'servers', server.script)],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: {
            ...process.env,
            ...server.env,
            NODE_ENV: 'production',
            PORT: String(port),
            UPSTREAM: world.upstreams[variant],
            HOME5_URL: world.upstreams[variant],
            ISSUER_URL: world.issuerUrl,
            OTLP_URL: world.otlpUrl,
            LOG_FILE: join(world.logFolder, `${server.name}-${variant}.log`),
            ...(MODE !== undefined && { CONFIG: join(import.meta.dirname, `../servers/${MODE}.yaml`) }),
          },
        },
      );
      const headers = { authorization: `Bearer ${world.token}` };
      const url = `http://127.0.0.1:${port}/home`;
      await answering(url, child, headers);
      running.push({ name: `home-5/${server.name}/${variant}`, variant, child, url, pid: child.pid ?? 0, headers });
    }
  }
  await checkSameAnswer(running);
  return running;
}

/** A benchmark of servers that answer different things would say nothing. */
async function checkSameAnswer(running: readonly Running[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const target of running.filter(({ variant }) => variant === 'repeat')) {
    const body = await (await fetch(target.url, { headers: target.headers })).text();
    seen.set(body, target.name);
  }
  if (seen.size > 1) throw new Error(`these answer differently: ${[...seen.values()].join(', ')}`);
}

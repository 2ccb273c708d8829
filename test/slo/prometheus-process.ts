import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';

const isInstalled = spawnSync('prometheus', ['--version']).status === 0;
if (!isInstalled)
  process.stderr.write('SKIPPED: prometheus is not installed (apt-get install prometheus), so none has scraped.\n');

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Prometheus with an empty store, on a port of its own. */
export class PrometheusProcess {
  static readonly isInstalled = isInstalled;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.#url = url;
  }

  /** @param jobs admin ports by the name of their job, each scraped five times a second */
  static async start(jobs: Readonly<Record<string, string>>): Promise<PrometheusProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-prometheus-'));
    const config = join(folder, 'prometheus.yaml');
    const jobsOf = Object.entries(jobs).map(([name, url]) => ({
      job_name: name,
      static_configs: [{ targets: [new URL(url).host] }],
    }));
    const times = { scrape_interval: '200ms', scrape_timeout: '200ms' };
    await writeFile(config, stringify({ global: times, scrape_configs: jobsOf }));
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
        '--enable-feature=exemplar-storage',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    for await (const line of createInterface({ input: child.stderr })) {
      const address = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
      if (address === undefined) continue;
      child.stderr.resume();
      return new PrometheusProcess(child, folder, `http://${address}`);
    }
    throw new Error('Prometheus has ended before it listened');
  }

  /** The data of a response of its API. */
  async read(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(query)}`);
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

let installed: boolean | undefined;

/**
 * True if tests can start a Redis: `describe.skipIf(!redisIsInstalled())`. Writes to stderr where they cannot.
 * @throws where CI is true and there is no Redis: a skipped suite must not look like a passed one
 */
export function redisIsInstalled(): boolean {
  installed ??= canRun('redis-server');
  if (installed) return true;
  if (process.env['CI'] === 'true')
    throw new Error('CI is true and there is no redis-server: apt-get install redis-server');
  process.stderr.write('SKIPPED: there is no redis-server, so tests that need a Redis do not run.\n');
  return false;
}

/** A real redis-server without persistence, on a free port of 127.0.0.1. It ends with the process that started it, also after a crash. */
export class RedisServer {
  readonly port: number;
  readonly #shell: ChildProcess;
  readonly #pid: number;
  readonly #folder: string;

  private constructor(port: number, shell: ChildProcess, pid: number, folder: string) {
    this.port = port;
    this.#shell = shell;
    this.#pid = pid;
    this.#folder = folder;
  }

  /**
   * @param port a free one where it is left out
   * @param options for the command line: `['--replicaof', '127.0.0.1', '6379']`
   */
  static async start(port?: number, options: readonly string[] = []): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-redis-'));
    for (let attempt = 1; ; attempt += 1) {
      const chosen = port ?? (await freePort());
      const started = await launch(chosen, folder, options);
      if (started !== undefined) return new RedisServer(chosen, started.shell, started.pid, folder);
      // Another process took the port in between.
      if (attempt === 5 || port !== undefined) throw new Error(`redis-server does not start on port ${chosen}.`);
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Connections stay open without a response, until {@link thaw}. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  /** Ends it as a crash does. Start another one on `port` to bring it back. */
  async stop(): Promise<void> {
    if (this.#shell.exitCode === null && this.#shell.signalCode === null) {
      const ended = once(this.#shell, 'exit');
      this.#shell.stdin?.end();
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The shell waits for the end of its stdin, which also comes when this process ends, and then kills Redis. */
const guard = '"$@" & echo "pid $!"; cat > /dev/null; kill -9 $! 2> /dev/null; wait $!; exit 0';

async function launch(
  port: number,
  folder: string,
  others: readonly string[],
): Promise<{ readonly shell: ChildProcess; readonly pid: number } | undefined> {
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
    ...others,
  ];
  const shell = spawn('sh', ['-c', guard, 'sh', 'redis-server', ...options], { stdio: ['pipe', 'pipe', 'ignore'] });
  let pid = 0;
  for await (const line of createInterface({ input: shell.stdout })) {
    if (line.startsWith('pid ')) pid = Number(line.slice(4));
    if (line.includes('Ready to accept connections')) {
      shell.stdout.resume();
      return { shell, pid };
    }
    if (/bye bye|Failed listening|Address already in use/.test(line)) break;
  }
  shell.stdin.end();
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function canRun(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

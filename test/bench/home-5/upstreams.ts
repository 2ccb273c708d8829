import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers } from './data.js';

export interface Upstreams {
  /** Bytes that are the same every time. */
  readonly repeat: string;
  /** One of 64 variants per request, chosen by nginx: the same work upstream, other bytes here. */
  readonly differ: string;
  stop(): void;
}

const variants = 64;

/** nginx with static files on the given core. */
export async function startUpstreams(cpu: string, port: number): Promise<Upstreams> {
  const folder = mkdtempSync(join(tmpdir(), 'frontage-bench-'));
  // Started by root, nginx reads its files as somebody else.
  chmodSync(folder, 0o755);
  for (let variant = 0; variant < variants; variant++) {
    const www = join(folder, 'www', String(variant));
    mkdirSync(www, { recursive: true });
    for (const [name, value] of Object.entries(answers(variant)))
      writeFileSync(join(www, `${name}.json`), JSON.stringify(value));
  }
  writeFileSync(join(folder, 'nginx.conf'), configuration(port));
  const nginx = spawn('taskset', ['-c', cpu, 'nginx', '-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = (): void => {
    nginx.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`http://127.0.0.1:${port}/users`, nginx);
  } catch (cause) {
    stop();
    throw cause;
  }
  return { repeat: `http://127.0.0.1:${port}`, differ: `http://127.0.0.1:${port + 1}`, stop };
}

function configuration(port: number): string {
  // nginx takes two decimals; what is left over goes to the last variant.
  const share = (100 / variants).toFixed(2);
  const split = Array.from({ length: variants }, (_, i) => (i === variants - 1 ? `* ${i};` : `${share}% ${i};`)).join(
    ' ',
  );
  return `worker_processes 1; pid nginx.pid; error_log nginx.err; events { worker_connections 4096; }
http {
  access_log off; default_type application/json; types { application/json json; }
  keepalive_requests 100000000; keepalive_timeout 3600s; open_file_cache max=2000; sendfile on; tcp_nopush on;
  split_clients "$request_id" $variant { ${split} }
  server { listen 127.0.0.1:${port} backlog=1024; root www/0; location / { try_files $uri.json =404; } }
  server { listen 127.0.0.1:${port + 1} backlog=1024; root www; location / { try_files /$variant$uri.json =404; } }
}
`;
}

/** Waits until `url` answers. */
export async function answering(
  url: string,
  child: ChildProcess,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with code ${child.exitCode}`);
    const response = await fetch(url, { headers }).catch(() => undefined);
    if (response?.ok === true) return void (await response.arrayBuffer());
    if (response !== undefined && response.status !== 503)
      throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not answer within 30 s`);
}

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Scenario } from '../scenarios/scenarios.js';
import { answering, freePorts, otherCore, startPinned } from './child.js';

/** True if the upstreams return the same bytes every time, or one of 64 variants per request. */
export type Bytes = 'differ' | 'repeat';

export interface Upstreams {
  readonly url: string;
  /** From now on the bytes differ; before that they repeat. */
  vary(): Promise<void>;
  /** Requests to them so far, this one included; undefined where they take their time, which nothing counts. */
  requests(): Promise<number | undefined>;
  stop(): void;
}

const variants = 64;

/**
 * Static files on the other core: from nginx, which looks up a file per request for both kinds of bytes; or, where
 * responses are to take their time, from a small server that waits before it writes the same files.
 */
export async function startUpstreams(scenario: Scenario, latencyMs: number): Promise<Upstreams> {
  const folder = mkdtempSync(join(tmpdir(), 'frontage-bench-'));
  // Started by root, nginx reads its files as another user.
  chmodSync(folder, 0o755);
  for (let variant = 0; variant < variants; variant++) {
    for (const [path, value] of Object.entries(scenario.answers(variant))) {
      const file = join(folder, 'www', String(variant), `${path}.json`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(value));
    }
  }
  const [port = 0] = await freePorts(1);
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, 'repeat'));
  const command =
    latencyMs === 0
      ? ['nginx', '-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;']
      : [process.execPath, join(import.meta.dirname, '../servers/delayed-upstream.js'), join(folder, 'www')];
  const server = startPinned(otherCore, command, { PORT: String(port), LATENCY_MS: String(latencyMs) });
  const stop = (): void => {
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const paths = Object.keys(scenario.answers(0));
  const vary = async (): Promise<void> => {
    const before = await answering(`${url}${paths[0]}`, server);
    writeFileSync(join(folder, 'nginx.conf'), configuration(port, 'differ'));
    server.kill('SIGHUP');
    while (before.equals(await answering(`${url}${paths[0]}`, server)));
  };
  const requests = async (): Promise<number | undefined> => {
    if (latencyMs > 0) return undefined;
    const status = await answering(`${url}/status`, server);
    return Number(/\n \d+ \d+ (\d+)/.exec(status.toString())?.[1]);
  };
  try {
    for (const path of paths) await answering(`${url}${path}`, server);
  } catch (cause) {
    stop();
    throw cause;
  }
  return { url, vary, requests, stop };
}

function configuration(port: number, bytes: Bytes): string {
  // nginx takes two decimals; the rest goes to the last variant.
  const share = (100 / variants).toFixed(2);
  const split = Array.from({ length: variants }, (_, i) => (i === variants - 1 ? `* ${i};` : `${share}% ${i};`)).join(
    ' ',
  );
  const files = bytes === 'differ' ? '/$variant$uri.json' : '/0$uri.json';
  return `worker_processes 1; pid nginx.pid; error_log nginx.err; events { worker_connections 8192; }
http {
  access_log off; default_type application/json; types { application/json json; }
  keepalive_requests 100000000; keepalive_timeout 3600s; open_file_cache max=10000; sendfile on; tcp_nopush on;
  split_clients "$request_id" $variant { ${split} }
  server { listen 127.0.0.1:${port} backlog=4096; root www; location = /status { stub_status; } location / { try_files ${files} =404; } }
}
`;
}

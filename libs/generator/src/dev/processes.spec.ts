import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portIsFree, Processes, type Started } from './processes.js';
import { checkPorts, sandboxPort } from './sandbox-world.js';

const ready = `console.log('{"ready":true,"url":"here"}');`;
let folder = '';
let processes: Processes;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-processes-'));
  processes = new Processes(() => undefined);
});
afterEach(async () => {
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(source: string, onLine?: (line: string) => void): Promise<Started> {
  const script = join(folder, 'script.mjs');
  await writeFile(script, source);
  return processes.start({ name: 'tv', script, cwd: folder, env: process.env, ...(onLine && { onLine }) });
}

describe('processes', () => {
  it('are ready after their ready line, and every other line is passed on', async () => {
    const lines: string[] = [];
    const seen = Promise.withResolvers<void>();
    const started = await start(
      `console.log('starting'); console.log('{"no":1}'); ${ready} console.log('{"ready":true}'); setInterval(() => {}, 1000)`,
      (line) => {
        lines.push(line);
        if (lines.length === 3) seen.resolve();
      },
    );
    await seen.promise;
    expect(started.ready).toEqual({ ready: true, url: 'here' });
    expect(lines).toEqual(['starting', '{"no":1}', '{"ready":true}']);
  });

  it('that do not start are refused with their errors', async () => {
    await expect(start(`console.error('bff.yaml:3:1 unknown key'); process.exit(1)`)).rejects.toThrow(
      'tv did not start:\nbff.yaml:3:1 unknown key',
    );
    await expect(start('process.exit(3)')).rejects.toThrow('tv did not start:\nit ended with code 3');
  });

  it('are reported when they end by themselves, and not when they are ended', async () => {
    const told = Promise.withResolvers<unknown>();
    processes.onExit = (name, code) => told.resolve([name, code]);
    await start(`${ready} setTimeout(() => process.exit(7), 20)`);
    expect(await told.promise).toEqual(['tv', 7]);

    let isTold = false;
    processes.onExit = () => (isTold = true);
    const { child } = await start(`${ready} setInterval(() => {}, 1000)`);
    await processes.stop();
    expect([child.signalCode, isTold]).toEqual(['SIGTERM', false]);
    await expect(start(ready)).rejects.toThrow('tv is not started any more: all are ending');
  });

  it('that do not listen to SIGTERM are killed', async () => {
    const { child } = await start(`process.on('SIGTERM', () => {}); ${ready} setInterval(() => {}, 1000)`);
    await Processes.end(child, 50);
    expect(child.signalCode).toBe('SIGKILL');
  });
});

describe('a busy port', () => {
  it('is named with the program that needs it and the variable that changes it', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const other = port > 55_535 ? port - 10_000 : port + 10_000;
    try {
      expect(await portIsFree(port)).toBe(false);
      await expect(checkPorts('npm start', [['tv', { port, variable: 'TV_PORT' }]])).rejects.toThrow(
        `Port ${port} is in use, and tv needs it. End what listens there, or choose another one with TV_PORT:\n  TV_PORT=${other} npm start`,
      );
      await expect(checkPorts('npm start', [['tv', { port }]])).rejects.toThrow('write another one into its bff.yaml');
    } finally {
      server.close();
    }
  });

  it('is never port 0, and an invalid port is left to the reader of bff.yaml', async () => {
    await checkPorts('npm start', [
      ['tv', { port: 0 }],
      ['web', { port: Number.NaN }],
      ['partner', { port: 70_000 }],
    ]);
    expect(sandboxPort({})).toEqual({ port: 4100, variable: 'SANDBOX_PORT' });
    expect(sandboxPort({ SANDBOX_PORT: '0' }).port).toBe(0);
    expect(() => sandboxPort({ SANDBOX_PORT: 'x' })).toThrow(
      'SANDBOX_PORT is "x": a port from 0 (a free one) to 65535',
    );
  });
});

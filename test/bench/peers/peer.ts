import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../runs/targets.js';

/** A server of others, or by hand in another language, that is measured beside ours on home-5. */
export interface Peer {
  readonly name: string;
  /** The commands that it is built with. */
  readonly needs: readonly string[];
  /** Builds it in a folder of its own, from the registry of its language. @throws Error with what the command said */
  build(folder: string): void;
  /** @param folder where it was built */
  server(folder: string): Server;
}

/** Sources of the peers; beside the compiled benchmark, not in it. */
export const sourcesOf = (name: string): string => join(import.meta.dirname, '../../peers/sources', name);

/** Builds outlive a run. */
const builds = join(import.meta.dirname, '../../../../node_modules/.cache/frontage-peers');

/** The servers of the peers that this machine can build; the others are named with the reason. */
export function serversOf(peers: readonly Peer[], say: (text: string) => void): Server[] {
  return peers.flatMap((peer) => {
    const reason = missing(peer) ?? failure(peer, say);
    if (reason !== undefined) say(`${peer.name}: ${reason}, left out\n`);
    return reason === undefined ? [peer.server(join(builds, peer.name))] : [];
  });
}

function missing({ needs }: Peer): string | undefined {
  const absent = needs.filter((command) => spawnSync('which', [command]).status !== 0);
  return absent.length === 0 ? undefined : `needs ${absent.join(' and ')}`;
}

function failure(peer: Peer, say: (text: string) => void): string | undefined {
  const folder = join(builds, peer.name);
  const mark = join(folder, '.built');
  if (existsSync(mark)) return undefined;
  say(`${peer.name}: building, once\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    peer.build(folder);
    writeFileSync(mark, '');
    return undefined;
  } catch (cause) {
    return `cannot be built here: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** Runs a command to its end. @throws Error with the last lines of its output */
export function command(folder: string, [name = '', ...given]: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const { status, stdout, stderr, error } = spawnSync(name, given, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return;
  const lines = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-3).join('; ');
  throw new Error(error?.message ?? `${name} ended with code ${status}: ${lines}`);
}

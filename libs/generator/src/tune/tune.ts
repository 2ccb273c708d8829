import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, loadConfig, type BffConfig } from '@frontage/config';
import type { AppDescription } from '../plan/app-description.js';
import { CheckFailed } from '../terminal/command.errors.js';
import { measurementOf } from './measurement.js';
import { readMetrics, type Samples } from './metrics-text.js';
import { editPolicy } from './policy-edit.js';
import { proposalsFor, type Proposal } from './proposals.js';

export interface Tuning {
  /** The proposals that the policy of the app can take, each with its line in the changed text, from 1. */
  readonly proposals: readonly (Proposal & { readonly line: number })[];
  readonly notes: readonly string[];
  readonly before: string;
  /** The text of `bff.yaml` with all proposals. */
  readonly after: string;
}

interface TuneTask {
  /** Path of the `bff.yaml`. */
  readonly file: string;
  readonly app: AppDescription;
  /** The text of `/metrics`. */
  readonly metrics: string;
  /** The time in which it was measured; where it is not known, nothing is proposed that needs it. */
  readonly seconds?: number | undefined;
}

/**
 * Proposes a policy from what was measured. Nothing is written: the policy with the proposals is read as the app would read it, and a
 * proposal that it refuses is left out.
 * @throws {CheckFailed} for a text that has no metrics of an app
 */
export async function tune({ file, app, metrics, seconds }: TuneTask): Promise<Tuning> {
  const samples = readMetrics(metrics);
  if (samples === undefined || !isOfApp(samples))
    throw new CheckFailed('these are no metrics of an app: give the text of /metrics of its admin port');
  const before = await readFile(file, 'utf8');
  const config = await effective(file, before);
  const { proposals, notes } = proposalsFor(app, config, measurementOf(samples, writesOf(app), seconds));
  const kept: Proposal[] = [];
  const refused: string[] = [];
  let after = before;
  for (const proposal of proposals) {
    const path = ['upstreams', proposal.upstream, ...proposal.path];
    const edited = editPolicy(after, { path, value: proposal.value });
    const name = `${proposal.upstream}: ${proposal.path.join('.')} ${proposal.value}`;
    if (edited === undefined) {
      refused.push(
        `${name}: bff.yaml has no entry of its own for this upstream; write it there, or in the file that it extends`,
      );
      continue;
    }
    const mistake = await mistakeIn(file, edited);
    if (mistake === undefined) {
      kept.push(proposal);
      after = edited;
    } else refused.push(`${name}: ${mistake}`);
  }
  return {
    proposals: kept.map((one) => ({ ...one, line: lineOf(after, one) })),
    notes: [...notes, ...refused],
    before,
    after,
  };
}

const isOfApp = (samples: Samples): boolean => samples.has('http_server_request_duration_seconds_count');

function writesOf({ endpoints }: AppDescription): ReadonlySet<string> {
  const parts = endpoints.flatMap(({ screen }) => Object.values(screen?.parts ?? {}));
  return new Set(
    parts.flatMap(({ need, upstream, operation }) => (need === 'write' ? [`${upstream}.${operation}`] : [])),
  );
}

/** The line on which the key of a proposal stands. */
function lineOf(text: string, { upstream, path, value }: Proposal): number {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.trimStart().startsWith(`${upstream}:`));
  const key = path.at(-1) ?? '';
  const at = lines.findIndex((line, index) => index >= from && line.includes(`${key}: ${value}`));
  return (at === -1 ? from : at) + 1;
}

/** @returns the first mistake that the app would find in this text; undefined for a policy that it takes */
export async function mistakeIn(file: string, text: string): Promise<string | undefined> {
  try {
    await effective(file, text);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.issues[0]?.message ?? 'the policy refuses it';
    throw error;
  }
}

/** The policy of a text, as if it stood in the file. Addresses that variables give are those of this machine. */
async function effective(file: string, text: string): Promise<BffConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'frontage-tune-'));
  try {
    const copy = join(folder, 'bff.yaml');
    const extended = text.replace(
      /^(extends:\s*)(['"]?)([^\s'"#]+)\2/m,
      (_, key: string, __: string, path: string) => `${key}'${resolve(dirname(file), path)}'`,
    );
    await writeFile(copy, extended);
    const names = [...text.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].flatMap(([, name]) => name ?? []);
    const env = Object.fromEntries(
      names.filter((name) => name.endsWith('_URL')).map((name) => [name, 'http://127.0.0.1:1']),
    );
    return loadConfig(copy, { env, environment: 'test', unset: 'placeholder' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

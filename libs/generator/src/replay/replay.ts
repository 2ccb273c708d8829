import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Incident, IncidentCall } from '@frontage/core';
import type { AppDescription, ScreenDescription } from '../plan/app-description.js';
import { CheckFailed } from '../terminal/command.errors.js';
import { fileChanges, type FileChange } from '../terminal/command-result.js';
import { formatFiles } from '../workspace/format-files.js';
import { checkFiles, staleFiles, writeFiles } from '../workspace/write-files.js';
import type { AppFolder } from '../workspace/workspace.js';
import { ContractBodies } from './contract-bodies.js';
import { incidentSpecText } from './incident-spec.js';
import { screenExport } from './screen-export.js';

export interface Replay {
  /** The test, from the root of the workspace. */
  readonly spec: string;
  /** The files that are written; none where they are there already. */
  readonly files: readonly FileChange[];
  /** Facts about them for the reader. */
  readonly notes: readonly string[];
}

interface ReplayTask {
  readonly root: string;
  readonly app: AppFolder;
  readonly description: AppDescription;
  readonly incident: Incident;
  /** Ms after which calls respond that did not. @default half longer than they were waited for */
  readonly lateMs?: number | undefined;
  readonly isDryRun: boolean;
}

/** Time of the response to a call that was not made, in ms. */
const uncalledMs = 10;

/**
 * Makes a test of an incident, beside its screen.
 * @throws {CheckFailed} where the app has no such screen, or a file of this name is there that is another one
 */
export async function replay(task: ReplayTask): Promise<Replay> {
  const { root, app, description, incident, isDryRun } = task;
  const screen = description.endpoints.find((one) => one.screen?.name === incident.screen)?.screen;
  if (screen === undefined)
    throw new CheckFailed(`apps/${app.name} has no screen with the plan "${incident.screen}" any more`);
  const source = join(root, screen.source.replace(/:\d+:\d+$/, ''));
  const text = existsSync(source) ? await readFile(source, 'utf8') : '';
  const name = screenExport(source, text, incident.screen);
  if (name === undefined)
    throw new CheckFailed(
      `${shown(root, source)} does not export the screen of the plan "${incident.screen}" as \`export const name = screen(plan, ...)\``,
    );
  const full = await withExamples(incident, screen, new ContractBodies(root, app.name));
  const at = dirname(source);
  const word = basename(source).replace(/(?:\.screen)?\.ts$/, '');
  const stem = `${word}.incident-${createHash('sha256').update(incident.requestId).digest('hex').slice(0, 8)}`;
  const spec = incidentSpecText({
    incident: full,
    screen: name,
    screenModule: `./${basename(source).replace(/\.ts$/, '.js')}`,
    file: `${stem}.json`,
    policy: relative(at, join(app.folder, 'bff.yaml')).replaceAll(sep, '/'),
    lateMs: ({ tookMs }) => task.lateMs ?? (tookMs === 0 ? uncalledMs : Math.ceil((tookMs * 1.5) / 10) * 10),
  });
  const files = await formatFiles(
    new Map([
      [join(at, `${stem}.json`), `${JSON.stringify(full)}\n`],
      [join(at, `${stem}.spec.ts`), spec],
    ]),
  );
  await checkFiles(root, files.keys());
  const stale = await staleFiles(files);
  const other = stale.find((path) => existsSync(path));
  if (other !== undefined)
    throw new CheckFailed(`${shown(root, other)} is there already, and is another one: nothing was written`);
  const changes = fileChanges(root, stale);
  if (!isDryRun) await writeFiles(root, files);
  return { spec: shown(root, join(at, `${stem}.spec.ts`)), files: changes, notes: notesOf(full) };
}

/** The incident with an example for each call without a response, and for each part that was not called. */
async function withExamples(incident: Incident, screen: ScreenDescription, bodies: ContractBodies): Promise<Incident> {
  const called = new Set(incident.calls.map(({ part }) => part));
  const uncalled = Object.entries(screen.parts).flatMap(([part, { upstream, operation }]): readonly IncidentCall[] =>
    called.has(part) || upstream === undefined || operation === undefined
      ? []
      : [{ part, upstream, operation, startedMs: incident.durationMs, tookMs: 0, response: { kind: 'none' } }],
  );
  const calls = await Promise.all(
    [...incident.calls, ...uncalled].map(async (call): Promise<IncidentCall> => {
      if (call.response.kind !== 'none') return call;
      const example = await bodies.of(call.upstream, call.operation);
      return { ...call, response: { kind: 'none', ...(example !== undefined && { example }) } };
    }),
  );
  return { ...incident, calls };
}

function notesOf({ because, slowMs, calls }: Incident): string[] {
  const notes = calls.flatMap(({ part, response }) =>
    response.kind === 'left_out' ? [`${part}: its response was not kept, because ${response.why}: write a reply`] : [],
  );
  const waitedMs = Math.max(0, ...calls.map(({ startedMs, tookMs }) => startedMs + tookMs));
  if (because === 'slow' && waitedMs < slowMs)
    notes.push('the services took less time than that: it was spent in the app itself, and this test cannot show it');
  return notes;
}

const shown = (root: string, path: string): string => relative(root, path).replaceAll(sep, '/');

import { join } from 'node:path';
import { readContract } from '@frontage/contracts';
import { withoutResponseExamples } from '@frontage/contracts/response-examples';
import { askApp } from '../dev/built-app.js';
import { CheckFailed } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { OperationPatterns } from '../upstream/operation-patterns.js';
import { safeMarks } from '../upstream/policy-marks.js';
import { storedOverlays } from '../upstream/stored-contract.js';
import { upstreamFiles } from '../upstream/upstream-files.js';
import { readRecord } from '../upstream/upstream-record.js';
import type { DescribedApp } from '../usage/described-apps.js';
import { usesOf } from '../usage/operation-uses.js';
import { isAsRecorded, readFolderRecord } from '../workspace/folder-record.js';
import { appTemplateVersion } from '../new-app/render-app.js';
import { ownerOfApp } from '../workspace/code-owners.js';
import { contractFile, readIfThere, type UpstreamFolders } from '../workspace/upstream-folders.js';
import { addressVariables, type AppFolder } from '../workspace/workspace.js';
import { staleFiles } from '../workspace/write-files.js';
import type { DoctorFinding } from './doctor-finding.js';

type Upstream = Awaited<ReturnType<UpstreamFolders['allUpstreams']>>[number];

/** The files of an upstream against its stored contract, and its team. */
export async function upstreamFindings(
  { name, app }: Upstream,
  folders: UpstreamFolders,
  cwd: string,
): Promise<readonly DoctorFinding[]> {
  const folder = folders.upstream(name, app);
  const source = join(folder, contractFile);
  const record = await readRecord(folder);
  const only = record?.only === undefined ? {} : { only: new OperationPatterns(record.only) };
  const { files } = await upstreamFiles(name, source, folder, {
    cwd,
    safe: await safeMarks(name, folder, folders),
    ...only,
  });
  const stale = (await staleFiles(files)).map((path): DoctorFinding => ({
    rule: 'stale-client',
    level: 'error',
    place: folders.show(path),
    message: `it is not what ${folders.show(source)} generates`,
    fix: `npx frontage upstream update ${name}${app === undefined ? '' : ` --app ${app}`} --stored`,
  }));
  const contract = await readContract(source, { cwd, lint: false, overlays: await storedOverlays(folder, cwd) });
  if (contract.owner !== undefined || contract.operations.every(({ owner }) => owner !== undefined)) return stale;
  const overlay = `{ target: $.info, update: { x-owner: <team> } }`;
  return [
    ...stale,
    {
      rule: 'no-owner',
      level: 'note',
      place: folders.show(source),
      message: `the contract of ${name} names no team`,
      fix: `add to the actions of ${folders.show(join(folder, 'overlay.yaml'))}: ${overlay}`,
    },
  ];
}

/** Upstreams that no app has an address for and no screen calls. */
export function unusedFindings(
  upstreams: readonly Upstream[],
  folders: UpstreamFolders,
  apps: readonly AppFolder[],
  described: readonly DescribedApp[],
): readonly DoctorFinding[] {
  const used = new Set(described.flatMap(({ app }) => usesOf(app, undefined).map(({ upstream }) => upstream)));
  return upstreams.flatMap(({ name, app }): DoctorFinding[] => {
    const readers = apps.filter((one) => app === undefined || one.name === app);
    if (used.has(name) || readers.some((one) => addressVariables(one, name) !== undefined)) return [];
    const place = folders.show(folders.upstream(name, app));
    const fix = `npx frontage upstream remove ${name}${app === undefined ? '' : ` --app ${app}`}`;
    return [
      {
        rule: 'unused-upstream',
        level: 'warning',
        place,
        message: `no app has an address for ${name}, and no screen calls it`,
        fix,
      },
    ];
  });
}

/** The committed document, the team and the record of an app. */
export async function appFindings(
  root: string,
  app: AppFolder,
  context: CommandContext,
): Promise<readonly DoctorFinding[]> {
  return [
    ...(await documentFindings(root, app, context)),
    ...ownerFindings(root, app),
    ...(await recordFindings(root, app)),
  ];
}

async function documentFindings(
  root: string,
  app: AppFolder,
  context: CommandContext,
): Promise<readonly DoctorFinding[]> {
  const place = `apps/${app.name}/openapi.gen.json`;
  const found = (level: 'error' | 'warning', message: string): readonly DoctorFinding[] => [
    { rule: 'stale-document', level, place, message, fix: `npx frontage accept ${app.name}` },
  ];
  let current: unknown;
  try {
    current = await askApp(root, app, '--openapi', context);
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
    const fix = `npx frontage build ${app.name}`;
    return [{ rule: 'does-not-start', level: 'error', place: `apps/${app.name}`, message: error.message, fix }];
  }
  const text = await readIfThere(join(app.folder, 'openapi.gen.json'));
  if (text === undefined) return found('warning', 'there is none');
  const committed = parsed(text);
  if (committed === undefined) return found('error', 'the file is no JSON');
  return promise(committed) === promise(current) ? [] : found('error', `${app.name} promises something else now`);
}

/** Undefined for a text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const promise = (document: unknown): string => JSON.stringify(withoutResponseExamples(document));

function ownerFindings(root: string, { name }: AppFolder): readonly DoctorFinding[] {
  if (ownerOfApp(root, name) !== undefined) return [];
  return [
    {
      rule: 'no-owner',
      level: 'note',
      place: `apps/${name}`,
      message: `CODEOWNERS has no line for ${name}`,
      fix: `add a line to CODEOWNERS: /apps/${name}/ @${name}-team`,
    },
  ];
}

/** The template of an app, and the files that a person has changed since a command wrote them. */
async function recordFindings(root: string, { name, folder }: AppFolder): Promise<readonly DoctorFinding[]> {
  const record = await readFolderRecord(folder);
  if (record === undefined) return [];
  const place = `apps/${name}`;
  const today = await appTemplateVersion(root, record.template);
  const drift: DoctorFinding = {
    rule: 'template-drift',
    level: 'note',
    place,
    message: `made from the template ${record.template} ${record.version}, and today's is ${today}`,
    fix: `npx frontage upgrade ${name}`,
  };
  const files = Object.keys(record.files).filter((file) => !file.includes('.gen.') && record.files[file]?.own !== true);
  const kept = await Promise.all(files.map((file) => isAsRecorded(folder, file, record)));
  const changed = files.filter((_, at) => kept[at] !== true);
  const shown =
    changed.length > 5 ? `${changed.slice(0, 5).join(', ')} and ${changed.length - 5} more` : changed.join(', ');
  return [
    ...(record.version === today ? [] : [drift]),
    ...(changed.length === 0
      ? []
      : [
          {
            rule: 'changed-by-hand' as const,
            level: 'note' as const,
            place,
            message: `changed since a template wrote them: ${shown}`,
            fix: `nothing to do: npx frontage upgrade ${name} keeps these changes`,
          },
        ]),
  ];
}

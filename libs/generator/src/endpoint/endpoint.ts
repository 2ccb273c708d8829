import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { updatedRecord } from '../workspace/folder-record.js';
import { upstreamsPath } from '../workspace/layout.js';
import { readIfThere } from '../workspace/upstream-folders.js';
import type { FileContent } from '../workspace/write-files.js';
import { withUpstreamsPackage, withUpstreamsProject } from './files/manifest-edit.js';
import { withController } from './files/module-edit.js';
import { findModule } from './files/app-module.js';
import type { ReadText } from './files/read-text.js';
import { withUpstreams } from './files/policy-edit.js';
import { withEndpoint } from './files/test-edit.js';
import { controllerText } from './source/controller-text.js';
import { rowText } from './source/row-text.js';
import { sampleRequest, type SampleRequest } from './planner/sample-request.js';
import { pascal } from './planner/names.js';
import type { PlannedScreen } from './planner/planned-screen.js';
import { screenSamples } from './planner/screen-samples.js';
import { screenText } from './source/screen-text.js';
import { specText } from './source/spec-text.js';

/** An endpoint before it is written. */
export interface PlannedEndpoint {
  readonly screen: PlannedScreen;
  readonly request: SampleRequest;
  /** Content by path: new files, and those of the app that name the endpoint. */
  readonly files: ReadonlyMap<string, FileContent>;
  /** The work that the app does not let this command do, for the developer to do: a sentence each. */
  readonly byHand: readonly string[];
  /** Arguments that the developer has to write: `apps/tv/src/a/a.screen.ts:9 id of orders.getOrder`. */
  readonly open: readonly string[];
}

/** Plans the files of a screen, and its places in the files of its app. Nothing is written. */
export async function endpointFiles(
  root: string,
  screen: PlannedScreen,
  read: ReadText = readIfThere,
): Promise<PlannedEndpoint> {
  const { app, name } = screen;
  const folder = join(root, 'apps', app);
  const at = join(folder, 'src', name);
  const samples = await screenSamples(screen);
  const request = sampleRequest(screen, samples);
  const files = new Map<string, FileContent>([
    [join(at, `${name}.controller.ts`), controllerText(screen)],
    [join(at, `${name}.screen.ts`), screenText(screen)],
    [join(at, `${name}.spec.ts`), specText(screen, samples)],
  ]);
  const { formatFiles } = await import('../workspace/format-files.js');
  const formatted = await formatFiles(files);
  const edits = new Map<string, string>();
  const byHand: string[] = [];
  const shown = (path: string): string => relative(root, path).replaceAll(sep, '/');
  const edit = async (
    path: string,
    change: (text: string, file: string) => string | undefined,
    otherwise: string,
  ): Promise<void> => {
    const text = await read(path);
    const changed = text === undefined ? undefined : change(text, shown(path));
    if (changed === undefined) byHand.push(otherwise);
    else if (changed !== text) edits.set(path, changed);
  };
  const clients = [...new Set(screen.parts.map(({ operation }) => operation.client))];
  const upstreams = clients.map((client) => client.name);

  const controller = `${pascal(name)}Controller`;
  const module = await findModule(folder, read);
  const specifier = `./${name}/${name}.controller.js`;
  await edit(
    module,
    (text, file) => withController(file, text, { className: controller, specifier }),
    `${shown(module)}: add ${controller} to the controllers of the module`,
  );
  await edit(
    join(folder, 'bff.yaml'),
    (text, file) => withUpstreams(file, text, upstreams),
    `apps/${app}/bff.yaml is missing`,
  );
  const row = { route: `${screen.method} ${screen.path}`, text: rowText(screen, request), upstreams };
  const test = join(folder, 'test', `${app}.e2e-spec.ts`);
  await edit(
    test,
    (text, file) => withEndpoint(file, text, row),
    `${shown(test)}: add ${row.text} to the cases of endpointSuite(...)`,
  );
  if (clients.some(({ isOwn }) => !isOwn)) {
    await edit(
      join(folder, 'package.json'),
      (text, file) => withUpstreamsPackage(file, text),
      `apps/${app}/package.json is missing`,
    );
    await edit(
      join(folder, 'tsconfig.json'),
      (text, file) => withUpstreamsProject(file, text, relative(root, upstreamsPath(root)).replaceAll(sep, '/')),
      `apps/${app}/tsconfig.json is missing`,
    );
  }
  const edited = await formattedAsBefore(edits, read, formatFiles);
  const text = formatted.get(join(at, `${name}.screen.ts`));
  const open = openPlaces(shown(join(at, `${name}.screen.ts`)), typeof text === 'string' ? text : '');
  return { screen, request, files: new Map([...formatted, ...edited]), byHand, open };
}

/** The endpoint with the record of its app, where the app has one. Called before anything is written. */
export async function withAppRecord(root: string, endpoint: PlannedEndpoint): Promise<PlannedEndpoint> {
  const record = await updatedRecord(join(root, 'apps', endpoint.screen.app), endpoint.files);
  return record === undefined ? endpoint : { ...endpoint, files: new Map([...endpoint.files, record]) };
}

/** The places of the comments above arguments that are missing. */
function openPlaces(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const note = /^ *\/\/ (\S+: .*(?:write (?:where|this)|take it in).*)$/.exec(line)?.[1];
    return note === undefined ? [] : [`${file}:${index + 1}: ${note}`];
  });
}

/** Formats an edited file where it was formatted before; a team may have a style of its own. */
async function formattedAsBefore(
  edits: ReadonlyMap<string, string>,
  read: ReadText,
  format: (files: ReadonlyMap<string, FileContent>) => Promise<Map<string, FileContent>>,
): Promise<ReadonlyMap<string, FileContent>> {
  const before = new Map<string, string>();
  for (const path of edits.keys()) before.set(path, (await read(path)) ?? '');
  const [after, same] = await Promise.all([format(edits), format(before)]);
  return new Map(
    [...edits].map(([path, text]) => [path, same.get(path) === before.get(path) ? (after.get(path) ?? text) : text]),
  );
}

/**
 * Checks that no file of a developer would be overwritten: a file of the screen that exists has the content that it would get.
 * @throws {UsageError} that names the files
 */
export async function checkNothingLost(root: string, { screen, files }: PlannedEndpoint): Promise<void> {
  const own = join(root, 'apps', screen.app, 'src', screen.name, '/');
  const others: string[] = [];
  for (const [path, content] of files) {
    if (!path.startsWith(own) || !existsSync(path)) continue;
    const text = await readFile(path, 'utf8');
    if (text !== content) others.push(relative(root, path).replaceAll(sep, '/'));
  }
  if (others.length === 0) return;
  throw new UsageError(
    `${others.join(', ')} ${others.length === 1 ? 'exists' : 'exist'} already, with other content: choose another name for the screen, or delete apps/${screen.app}/src/${screen.name} first\nNothing was changed.`,
  );
}

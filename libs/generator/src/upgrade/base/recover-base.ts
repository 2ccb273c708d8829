import { join } from 'node:path';
import { readClients, type TemplateWords } from '../../new-app/template.js';
import { ownerOf } from '../../new-app/owners.js';
import { UsageError } from '../../terminal/command.errors.js';
import { digestOf, isObject, parsed, type RecordedFile } from '../../workspace/folder-record.js';
import { readIfThere } from '../../workspace/upstream-folders.js';
import { appFolders, appPorts } from '../../workspace/workspace.js';
import { plainText } from '../merge/text-form.js';
import { similarity } from '../merge/merge-lines.js';
import { filesByName, type FolderState } from './folder-state.js';
import { pastTemplates, renderPast, type PastTemplate } from './template-history.js';

/** The file of apps of earlier versions that says what the command wrote into them. */
const earlierRecordFile = 'frontage.gen.json';

/** An app that shares less with every template was not made from one, or is another app by now. */
const leastLikeness = 0.5;

/**
 * The state of an app without a record, found again: of all earlier versions of the templates, the one that the app resembles most.
 * @param wanted the kind of its clients. @default the one that it resembles most
 * @throws {UsageError} where it resembles none
 */
export async function recoverBase(root: string, app: string, wanted?: string): Promise<FolderState> {
  const folder = join(root, 'apps', app);
  const words = await wordsOf(root, app);
  const earlier = await readEarlierRecord(folder);
  const kind = wanted ?? earlier?.client;
  const candidates = (await pastTemplates()).filter(({ client }) => kind === undefined || client === kind);
  if (candidates.length === 0) {
    const known = (await readClients(root)).map(({ name }) => name).join(', ');
    throw new UsageError(`there is no template for the client ${JSON.stringify(kind)}; there are: ${known}`);
  }
  let best: { past: PastTemplate; rendering: FolderState['rendering']; likeness: number } | undefined;
  for (const past of candidates) {
    const rendering = filesByName(folder, await renderPast(root, past, words));
    const likeness = await likenessOf(folder, rendering, earlier?.files);
    if (best === undefined || likeness > best.likeness) best = { past, rendering, likeness };
  }
  if (best === undefined || (best.likeness < leastLikeness && wanted === undefined))
    throw new UsageError(
      `apps/${app} has no .frontage, and resembles no template (the nearest is ${best?.past.client}, ${percent(best?.likeness ?? 0)} of its lines). Name the one that it was made from: npx frontage upgrade ${app} --client ${best?.past.client}`,
    );
  const { past, rendering, likeness } = best;
  const known = new Map(Object.entries(earlier?.files ?? {}).map(([path, written]) => [path, { written }]));
  const files = new Map<string, RecordedFile>(known);
  for (const [path, content] of rendering) {
    const rendered = digestOf(content);
    const written = known.get(path)?.written;
    // A screen that was made from upstreams is the team's.
    const own = written !== undefined && written !== rendered && path.startsWith('src/home/');
    files.set(path, { id: path, rendered, ...(written !== undefined && { written }), ...(own && { own }) });
  }
  const { name, port, adminPort, owner } = words;
  const values = { name, port, adminPort, owner, client: earlier?.client ?? past.client };
  return {
    record: { template: past.client, version: past.version, values, codemods: [], files: Object.fromEntries(files) },
    rendering,
    notes: [
      `it has no .frontage: its base was found again, template ${past.client} ${past.version}, which has ${percent(likeness)} of its lines`,
    ],
    obsolete: earlier === undefined ? [] : [earlierRecordFile],
  };
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

/** @throws Error for a `bff.yaml` that cannot be read */
async function wordsOf(root: string, app: string): Promise<TemplateWords> {
  const found = appFolders(root).find(({ name }) => name === app);
  if (found === undefined) throw new UsageError(`there is no app ${app}: apps/${app} has no bff.yaml`);
  const { port, adminPort } = appPorts(found, {});
  const owner = (await ownerOf(root, app)) ?? `@${app}-team`;
  return { name: app, port: port.port, adminPort: adminPort.port, owner };
}

interface EarlierRecord {
  readonly client: string;
  readonly files: Readonly<Record<string, string>>;
}

async function readEarlierRecord(folder: string): Promise<EarlierRecord | undefined> {
  const value = parsed((await readIfThere(join(folder, earlierRecordFile))) ?? '');
  if (!isObject(value) || typeof value['client'] !== 'string' || !isObject(value['files'])) return undefined;
  const digests = Object.entries(value['files']).flatMap(([path, digest]) =>
    typeof digest === 'string' ? [[path, digest] as const] : [],
  );
  return { client: value['client'], files: Object.fromEntries(digests) };
}

/** The share of the lines of a rendering that the app has; a file with the digest that was written into it counts as a whole. */
async function likenessOf(
  folder: string,
  rendering: FolderState['rendering'],
  digests: Readonly<Record<string, string>> = {},
): Promise<number> {
  let [lines, common] = [0, 0];
  for (const [path, content] of rendering) {
    const text = plainText(content)?.text ?? '';
    const weight = text.split('\n').length;
    const present = await readIfThere(join(folder, path));
    lines += weight;
    if (digests[path] === digestOf(content)) common += weight;
    else common += weight * (present === undefined ? 0 : similarity(text, plainText(present)?.text ?? ''));
  }
  return lines === 0 ? 0 : common / lines;
}

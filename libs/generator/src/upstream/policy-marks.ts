import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseDocument } from 'yaml';
import { readIfThere, type UpstreamFolders } from '../workspace/upstream-folders.js';

/**
 * Ids of the operations that a policy of the workspace marks as safe (`upstreams.<name>.operations.<id>.safe: true`): a fact about the
 * operation, so that one app that states it is enough. Files that cannot be read are left to the start of their app, which reports them.
 * @param folder of the upstream: one in the folder of an app is read by that app alone
 */
export async function safeMarks(name: string, folder: string, folders: UpstreamFolders): Promise<ReadonlySet<string>> {
  const [first, app] = relative(folders.root, folder).split(sep);
  const apps = first === 'apps' && app !== undefined ? [app] : await folders.apps();
  const read = new Set<string>();
  const marks = new Set<string>();
  for (const each of apps) await collect(join(folders.root, 'apps', each, 'bff.yaml'));
  return marks;

  async function collect(file: string): Promise<void> {
    if (read.has(file)) return;
    read.add(file);
    const text = await readIfThere(file).catch(() => undefined);
    if (text === undefined) return;
    const document = parseDocument(text, { logLevel: 'silent' });
    const operations = plain(document.getIn(['upstreams', name, 'operations']));
    for (const [id, operation] of Object.entries(operations)) if (plain(operation)['safe'] === true) marks.add(id);
    const parent = document.get('extends');
    if (typeof parent === 'string') await collect(resolve(dirname(file), parent));
  }
}

function plain(node: unknown): Readonly<Record<string, unknown>> {
  const value: unknown = isNode(node) ? node.toJSON() : node;
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const isNode = (value: unknown): value is { readonly toJSON: () => unknown } =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';

import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import { CheckFailed } from '../terminal/command.errors.js';

/** A port as a policy says it. */
export interface PackedPort {
  readonly port: number;
  /** The environment variable that changes it. */
  readonly variable?: string;
}

export interface PackedPolicy {
  /** Text by name in the packed folder. */
  readonly files: ReadonlyMap<string, string>;
  /** Undefined where a variable without a default is needed. */
  readonly port: PackedPort | undefined;
}

interface Layer {
  readonly file: string;
  readonly text: string;
  /** The written path of the next file, and its offsets in the text. */
  readonly parent: { readonly path: string; readonly start: number; readonly end: number } | undefined;
  readonly port: unknown;
}

/**
 * The policy of an app with all files that it extends, and its overlays for environments. Lines and columns stay those of the sources,
 * except for the path behind `extends`.
 * @throws CheckFailed where one of them is missing or is no YAML
 */
export async function packPolicy(root: string, app: string): Promise<PackedPolicy> {
  const own = resolve(app, 'bff.yaml');
  const layers = readChain(root, own);
  const names = namesOf(layers.map(({ file }) => file));
  const files = new Map<string, string>();
  for (const { file, text, parent } of layers) {
    const name = names.get(file) ?? basename(file);
    const target = parent && names.get(resolve(dirname(file), parent.path));
    const written = target === undefined ? '' : relative(dirname(name), target).replaceAll('\\', '/');
    const path = /^[\w./-]+$/.test(written) ? written : JSON.stringify(written);
    files.set(name, parent === undefined ? text : text.slice(0, parent.start) + path + text.slice(parent.end));
  }
  for (const overlay of (await readdir(app)).filter((each) => /^bff\..+\.yaml$/.test(each)).toSorted())
    files.set(overlay, readFileSync(resolve(app, overlay), 'utf8'));
  const port = layers.map((layer) => layer.port).find((value) => value !== undefined);
  return { files, port: portOf(port) };
}

function readChain(root: string, own: string): Layer[] {
  const layers: Layer[] = [];
  for (let file: string | undefined = own; file !== undefined;) {
    if (layers.some((layer) => layer.file === file))
      throw new CheckFailed(`${relative(root, file)} extends itself: a file extends another one`);
    if (!existsSync(file)) throw new CheckFailed(`${relative(root, file)}, which a policy extends, is missing`);
    const layer = readLayer(root, file);
    layers.push(layer);
    file = layer.parent && resolve(dirname(file), layer.parent.path);
  }
  return layers;
}

function readLayer(root: string, file: string): Layer {
  const text = readFileSync(file, 'utf8');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new CheckFailed(`${relative(root, file)} cannot be read: ${error.message}`);
  const node = isMap(document.contents) ? document.contents.get('extends', true) : undefined;
  const range = isScalar(node) ? node.range : undefined;
  return {
    file,
    text,
    parent:
      isScalar(node) && typeof node.value === 'string' && range
        ? { path: node.value, start: range[0], end: range[1] }
        : undefined,
    port: document.getIn(['listen', 'port']),
  };
}

/** `bff.yaml` beside `main.js`, all others in `policy/`, under their own names where these differ. */
function namesOf(files: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [index, file] of files.entries()) {
    const extension = extname(file);
    const stem = basename(file, extension);
    let name = index === 0 ? 'bff.yaml' : `policy/${stem}${extension}`;
    for (let count = 2; taken.has(name); count++) name = `policy/${stem}-${count}${extension}`;
    taken.add(name);
    names.set(file, name);
  }
  return names;
}

/** A number, or `${VARIABLE:-number}`. */
function portOf(value: unknown): PackedPort | undefined {
  if (typeof value === 'number') return { port: value };
  const match = typeof value === 'string' ? /^\$\{(\w+):-(\d+)\}$/.exec(value) : null;
  if (match === null) return undefined;
  const [, variable = '', port] = match;
  return { port: Number(port), variable };
}

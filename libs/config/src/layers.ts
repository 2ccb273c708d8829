import { shownPath } from '@frontage/core';
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { BffConfig } from './bff-config.js';
import { ConfigError, type ConfigIssue } from './document/config.errors.js';
import { issueAt, readDocument, type ConfigNode, type MappingNode, type SourcePosition } from './document/document.js';
import { unknownKey } from './schema/explain.js';
import { policyKeysAt } from './schema/json-schema.js';
import { merge, sameValue, without, writtenPath, type Path } from './document/tree.js';

/** A key path that extending files cannot change. */
interface Lock {
  readonly path: readonly string[];
  readonly position: SourcePosition;
}

interface Layer {
  readonly root: MappingNode;
  readonly locks: readonly Lock[];
}

/**
 * Merges the app's file over the files that it extends, and the overlay of the environment over that. The result has no `extends` and
 * no `locked`.
 *
 * `issues` has the locked keys that are changed.
 *
 * @throws ConfigError where a file cannot be read
 */
export function readLayers(file: string, environment: string): { root: MappingNode; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  const app = readChain(file, [], undefined, issues);
  const overlayFile = join(dirname(file), `${basename(file, extname(file))}.${environment}${extname(file)}`);
  let { root } = app;
  if (existsSync(overlayFile)) {
    const overlay = readDocument(overlayFile);
    for (const key of ['extends', 'locked']) {
      const entry = overlay.entries.get(key);
      if (entry !== undefined)
        issues.push(issueAt(entry.keyPosition, `"${key}" belongs in ${basename(file)}; this file is only an overlay`));
    }
    issues.push(...app.locks.flatMap(ofEachIssuer).flatMap((lock) => changesOf(lock, root, overlay)));
    // A missing key at the top is reported in the app's own file.
    root = { ...merge(root, without(overlay, 'extends', 'locked')), position: root.position };
  }
  return { root, issues };
}

const kept = new WeakMap<BffConfig, WeakRef<MappingNode>>();

/** Keeps the files of a policy as they were read, until the next collection: the checks of a start ask for positions in them. */
export const keepLayers = (config: BffConfig, root: MappingNode): void => {
  kept.set(config, new WeakRef(root));
};

/** The files of a policy as they were read; undefined where they are not kept any more. */
export const keptLayers = (config: BffConfig): MappingNode | undefined => kept.get(config)?.deref();

function readChain(
  file: string,
  above: readonly string[],
  from: SourcePosition | undefined,
  issues: ConfigIssue[],
): Layer {
  const own = read(file, from);
  const locks = readLocks(own, issues);
  const parent = own.entries.get('extends');
  const rest = without(own, 'extends', 'locked');
  if (parent === undefined) return { root: rest, locks };
  const path = fixedText(parent.value);
  if (path === undefined) {
    throw new ConfigError([issueAt(parent.value.position, 'expected the path of a file, without variables')]);
  }
  const target = resolve(dirname(file), path);
  const chain = [...above, file];
  if (chain.includes(target)) {
    const circle = [...chain.slice(chain.indexOf(target)), target].map(shownPath).join(' -> ');
    throw new ConfigError([issueAt(parent.value.position, `these files extend each other: ${circle}`)]);
  }
  const base = readChain(target, chain, parent.value.position, issues);
  issues.push(...base.locks.flatMap(ofEachIssuer).flatMap((lock) => changesOf(lock, base.root, rest)));
  return { root: merge(base.root, rest), locks: [...base.locks, ...locks] };
}

function read(file: string, from: SourcePosition | undefined): MappingNode {
  if (existsSync(file)) return readDocument(file);
  const message = `there is no file ${shownPath(file)}`;
  throw new ConfigError([from === undefined ? { file, line: 1, column: 1, message } : issueAt(from, message)]);
}

function readLocks(root: MappingNode, issues: ConfigIssue[]): Lock[] {
  const list = root.entries.get('locked')?.value;
  if (list === undefined) return [];
  if (list.kind !== 'list') {
    issues.push(issueAt(list.position, 'expected a list of key paths, such as [limits.maxBody]'));
    return [];
  }
  return list.items.flatMap((item) => {
    const text = fixedText(item);
    const path = text === undefined ? undefined : parsePath(text);
    const mistake =
      path === undefined
        ? 'expected the path of a key, such as limits.maxBody or upstreams.*.retry'
        : unknownPath(path);
    if (mistake !== undefined) issues.push(issueAt(item.position, mistake));
    return path === undefined || mistake !== undefined ? [] : [{ path, position: item.position }];
  });
}

/** `plans."mobile.home".deadline`: a name with a dot is quoted. */
function parsePath(text: string): string[] | undefined {
  if (!/^(?:"[^"]+"|[^".]+)(?:\.(?:"[^"]+"|[^".]+))*$/.test(text)) return undefined;
  return (text.match(/"[^"]+"|[^".]+/g) ?? []).map((segment) => segment.replaceAll('"', ''));
}

/** The message for a path that leads to no key of a policy. */
function unknownPath(path: Path): string | undefined {
  for (const [index, step] of path.entries()) {
    const above = policyKeysAt(path.slice(0, index));
    const valid = above?.named ?? [];
    if (above?.isOpen === true || valid.includes(String(step))) continue;
    const where = writtenPath(path.slice(0, index));
    if (valid.length === 0) return `"${writtenPath(path)}" leads to no key: "${where}" has no keys below it`;
    return `"${writtenPath(path)}" leads to no key${where === '' ? '' : ` of ${where}`}: ${unknownKey(String(step), valid)}`;
  }
  return undefined;
}

/** A key of `access.jwt` is the default of every issuer, so its lock holds for the key of each issuer too. */
function ofEachIssuer(lock: Lock): readonly Lock[] {
  const [first, second, ...rest] = lock.path;
  if (first !== 'access' || second !== 'jwt' || rest.length === 0) return [lock];
  return [lock, { ...lock, path: ['access', 'issuers', '*', ...rest] }];
}

/**
 * Finds the keys of `lower` that a lock forbids to change: the key at its path and everything below. The same value again is no change.
 * A whole block above may be switched off unless it is locked itself.
 */
function changesOf(lock: Lock, base: MappingNode, lower: MappingNode): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const refuse = (position: SourcePosition, path: Path) =>
    issues.push(
      issueAt(
        position,
        `"${writtenPath(path)}" cannot be changed here: ${shownPath(lock.position.file)}:${lock.position.line}:${lock.position.column} locks it`,
      ),
    );

  const compare = (below: ConfigNode | undefined, node: ConfigNode, position: SourcePosition, path: Path): void => {
    if (node.kind !== 'mapping') {
      if (!sameValue(below, node)) refuse(position, path);
      return;
    }
    for (const [key, entry] of node.entries) {
      compare(below?.kind === 'mapping' ? below.entries.get(key)?.value : undefined, entry.value, entry.keyPosition, [
        ...path,
        key,
      ]);
    }
  };
  const descend = (below: ConfigNode | undefined, node: ConfigNode, position: SourcePosition, path: Path): void => {
    const step = lock.path[path.length];
    if (step === undefined) {
      compare(below, node, position, path);
      return;
    }
    if (node.kind !== 'mapping') return;
    for (const [key, entry] of node.entries) {
      if (step !== '*' && step !== key) continue;
      descend(below?.kind === 'mapping' ? below.entries.get(key)?.value : undefined, entry.value, entry.keyPosition, [
        ...path,
        key,
      ]);
    }
  };
  descend(base, lower, lower.position, []);
  return issues;
}

function fixedText(node: ConfigNode): string | undefined {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '' && !node.value.includes('${')
    ? node.value
    : undefined;
}

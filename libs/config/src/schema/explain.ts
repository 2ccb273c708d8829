import { nearest } from '@frontage/core';
import type { z } from 'zod';
import type { ConfigIssue } from '../document/config.errors.js';
import { issueAt, type ConfigNode } from '../document/document.js';
import { keysOf, renamedKeysOf, schemaAt } from './json-schema.js';
import { didYouMean, hiddenValue, shown } from './values/wording.js';
import { nodeAt, positionAt, writtenPath, type Path } from '../document/tree.js';

type ZodIssue = z.core.$ZodIssue;

/** Turns the mistakes that the schema found into messages with their positions in the files. */
export function explain(issues: readonly ZodIssue[], root: ConfigNode): ConfigIssue[] {
  return issues.flatMap((issue) => explainOne(issue, [], root));
}

/** A mistake at a path of the policy. The line is not repeated where it may hold a secret. */
export function issueOn(root: ConfigNode, path: Path, want: 'key' | 'value', message: string): ConfigIssue {
  const issue = issueAt(positionAt(root, path, want), message);
  if (want === 'key' || schemaAt(path)?.['writeOnly'] !== true) return issue;
  const { file, line, column } = issue;
  return { file, line, column, message };
}

/** `unknown key "timout"; did you mean "timeout"?` */
export function unknownKey(key: string, valid: readonly string[]): string {
  const meant = nearest(key, valid);
  return `unknown key "${key}"${meant === undefined ? `; expected one of ${valid.join(', ')}` : didYouMean(meant)}`;
}

function explainOne(issue: ZodIssue, above: Path, root: ConfigNode): ConfigIssue[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') {
    const schema = schemaAt(path);
    const valid = schema === undefined ? [] : keysOf(schema);
    const renamed = schema === undefined ? {} : renamedKeysOf(schema);
    const said = (key: string): string =>
      Object.hasOwn(renamed, key) ? `"${key}" has a new name: write "${String(renamed[key])}"` : unknownKey(key, valid);
    return issue.keys.map((key) => issueOn(root, [...path, key], 'key', said(key)));
  }
  const node = nodeAt(root, path);
  if (issue.code === 'invalid_union') {
    // A block or `off`: where a block is written, the mistakes in it are reported.
    const inside = issue.errors.find((branch) =>
      branch.every(({ path: at, code }) => at.length > 0 || code === 'unrecognized_keys'),
    );
    if (inside !== undefined) return inside.flatMap((inner) => explainOne(inner, path, root));
    // A value or a block: where a value is written, its own mistake is reported.
    const value = issue.errors.flat().find(({ path: at, code }) => at.length === 0 && code === 'custom');
    if (value !== undefined && node?.kind === 'scalar') return explainOne(value, path, root);
    return [issueOn(root, path, 'value', `expected keys and values, or "off", found ${found(node)}`)];
  }
  if (node === undefined) {
    const where = path.length > 1 ? ` in ${writtenPath(path.slice(0, -1))}` : '';
    return [issueOn(root, path.slice(0, -1), 'key', `missing key "${String(path.at(-1))}"${where}`)];
  }
  if (issue.code === 'invalid_key') {
    return [issueOn(root, path, 'key', `"${String(path.at(-1))}" cannot be a name here; expected ${nameRule(path)}`)];
  }
  return [issueOn(root, path, 'value', `${sentence(issue, node)}${origin(node)}`)];
}

function sentence(issue: ZodIssue, node: ConfigNode): string {
  if (issue.code === 'custom') {
    const hidden: unknown = issue.params?.['ofVariable'];
    return isOfVariable(node) && typeof hidden === 'string' ? hidden : issue.message;
  }
  if (issue.code === 'too_small') return 'expected at least one item in this list';
  if (issue.code === 'too_big') return `expected at most ${issue.maximum} items in this list`;
  const kind = issue.code === 'invalid_type' && issue.expected === 'array' ? 'a list' : 'keys and values';
  return `expected ${kind}, found ${found(node)}`;
}

function nameRule(path: Path): string {
  const names = schemaAt(path.slice(0, -1))?.['propertyNames'];
  const pattern = typeof names === 'object' && names !== null && 'pattern' in names ? names.pattern : '';
  return `a name like ${String(pattern)}`;
}

function found(node: ConfigNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (isOfVariable(node)) return hiddenValue;
  if (node.kind === 'scalar') return shown(node.value);
  return node.kind === 'list' ? 'a list' : 'keys and values';
}

/** Names the variables that a value came from. */
function origin(node: ConfigNode): string {
  return node.kind === 'scalar' && node.from !== undefined ? ` (from ${variablesOf(node.from)})` : '';
}

/** The references alone: the text around them and a default may be secrets as well. */
function variablesOf(template: string): string {
  const names = [...template.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}/g)].map(([, name]) => `\${${name}}`);
  return [...new Set(names)].join(' and ');
}

function isOfVariable(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.from !== undefined && /(?<!\$)\$\{/.test(node.from);
}

import { z } from 'zod';
import { bffSchema, layerKeys } from './bff.schema.js';
import type { Path } from '../document/tree.js';
import { keysAt, memberAt, type Keys } from './values/members.js';

/** One schema of the tree, as plain data. */
export type SchemaNode = Readonly<Record<string, unknown>>;

const policySchema = z.strictObject({ ...layerKeys, ...bffSchema.shape });
const draft = { target: 'draft-07', io: 'input' } as const;

let cached: SchemaNode | undefined;

/** JSON Schema (draft 7, what editors read) of `bff.yaml` and of the files it extends. */
export function bffJsonSchema(): SchemaNode {
  cached ??= forEditors(z.toJSONSchema(policySchema, draft));
  return cached;
}

/** The same as `schemaAt`, for an app that starts: one member is written in a tenth of a millisecond, the whole policy in 45. */
export function memberSchemaAt(path: Path): SchemaNode | undefined {
  if (cached !== undefined) return schemaAt(path);
  const member = memberAt(policySchema, path);
  // A list that is written as one text too has its items in the JSON Schema only.
  return member === undefined ? schemaAt(path) : forEditors(z.toJSONSchema(member, draft));
}

/** The keys of the mapping at a path of the policy; `undefined` where it leads nowhere. */
export const policyKeysAt = (path: Path): Keys | undefined => keysAt(policySchema, path);

/** The schema of the value at a path; `*` matches any name. */
export function schemaAt(path: Path, from: SchemaNode = bffJsonSchema()): SchemaNode | undefined {
  let node: SchemaNode | undefined = from;
  for (const step of path) node = node === undefined ? undefined : below(block(node), step);
  return node;
}

/** The allowed keys of a mapping, where they are fixed. */
export function keysOf(node: SchemaNode): readonly string[] {
  return Object.keys(properties(block(node)));
}

/** Keys of earlier versions, and what is written in their place. */
export function renamedKeysOf(node: SchemaNode): Readonly<Record<string, unknown>> {
  const renamed = block(node)['x-renamed'];
  return isNode(renamed) ? renamed : {};
}

export function properties(node: SchemaNode): Readonly<Record<string, SchemaNode>> {
  return isTable(node['properties']) ? node['properties'] : {};
}

/** The schema of every entry of a table, or of every item of a list. */
export function membersOf(node: SchemaNode): SchemaNode | undefined {
  const members = node['additionalProperties'] ?? node['items'];
  return isNode(members) ? members : undefined;
}

/** The block itself, where it can be switched off too. */
export function block(node: SchemaNode): SchemaNode {
  const branches = node['anyOf'];
  const inner = Array.isArray(branches)
    ? branches.find((branch: unknown) => isNode(branch) && branch['type'] === 'object')
    : undefined;
  return isNode(inner) ? { ...inner, description: node['description'] ?? inner['description'] } : node;
}

function below(node: SchemaNode, step: string | number): SchemaNode | undefined {
  const named = properties(node);
  if (typeof step === 'string' && Object.hasOwn(named, step)) return named[step];
  return membersOf(node);
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTable(value: unknown): value is Readonly<Record<string, SchemaNode>> {
  return isNode(value) && Object.values(value).every(isNode);
}

/**
 * A base policy or an overlay holds a part of the policy, so an editor cannot know which keys are missing: `required` becomes a mark on the
 * member, for the reference. A block that is filled with the defaults of its members has no default of its own worth showing.
 */
function forEditors(node: SchemaNode): SchemaNode {
  const { required, default: value, ...rest } = node;
  const names: unknown[] = Array.isArray(required) ? required : [];
  const result: Record<string, unknown> = { ...rest };
  if (value !== undefined && (typeof value !== 'object' || Array.isArray(value))) result['default'] = value;
  if (node['properties'] !== undefined) {
    const members = Object.entries(properties(node)).map(([name, member]) => {
      const marked = forEditors(member);
      return [name, names.includes(name) ? { ...marked, 'x-required': true } : marked];
    });
    result['properties'] = Object.fromEntries(members);
  }
  for (const keyword of ['additionalProperties', 'items']) {
    const member = node[keyword];
    if (isNode(member)) result[keyword] = forEditors(member);
  }
  const branches = node['anyOf'];
  if (Array.isArray(branches))
    result['anyOf'] = branches.map((branch: unknown) => (isNode(branch) ? forEditors(branch) : branch));
  return result;
}

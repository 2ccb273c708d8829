import { describe, expect, it } from 'vitest';
import type { Path } from '../../document/tree.js';
import {
  bffJsonSchema,
  keysOf,
  memberSchemaAt,
  membersOf,
  policyKeysAt,
  properties,
  block,
  type SchemaNode,
} from '../json-schema.js';

/** Every path of the policy, with any name for the entries of tables and lists. */
function* paths(node: SchemaNode, path: readonly string[] = []): Generator<readonly [Path, SchemaNode]> {
  yield [path, node];
  for (const [name, member] of Object.entries(properties(block(node)))) yield* paths(member, [...path, name]);
  const members = membersOf(block(node));
  if (members !== undefined) yield* paths(members, [...path, 'any']);
}

/** Without marks that a member has from the mapping around it, and without the name of the draft. */
const own = (schema: SchemaNode): SchemaNode =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !['$schema', 'x-required', 'default'].includes(key)));

describe('one member of the policy', () => {
  it('is what the schema of the whole policy has at its path', () => {
    // Members first: the whole is written once, and answers from then on.
    const listed = [
      ['listen', 'port'],
      ['limits', 'maxBody'],
      ['upstreams', 'any', 'retry', 'attempts'],
      ['log', 'file'],
    ];
    const alone = listed.map((path) => memberSchemaAt(path));
    bffJsonSchema();
    expect(alone.map((schema) => schema && own(schema))).toEqual(
      listed.map((path) => memberSchemaAt(path)).map((schema) => schema && own(schema)),
    );
    expect(alone).not.toContain(undefined);
  });

  it('has the same keys, at every path', () => {
    const all = [...paths(bffJsonSchema())];
    expect(all.length).toBeGreaterThan(500);
    for (const [path, schema] of all) {
      const found = policyKeysAt(path);
      expect([path, found?.named ?? []]).toEqual([path, keysOf(schema)]);
      expect([path, found?.isOpen ?? false]).toEqual([path, block(schema)['propertyNames'] !== undefined]);
    }
  });

  it('is absent where a path leads nowhere', () => {
    for (const path of [
      ['nothing'],
      ['listen', 'nothing'],
      ['listen', 'port', 'below'],
      ['constructor'],
      ['listen', 'toString'],
    ]) {
      expect(policyKeysAt(path)).toBeUndefined();
      expect(memberSchemaAt(path)).toBeUndefined();
    }
  });
});

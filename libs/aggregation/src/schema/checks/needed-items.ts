import type { SchemaTable } from '@frontage/core';
import type { Argument, CallNode } from '../../model/nodes.js';
import { isRecord, schemaMapIn, textsIn, type SchemaObject } from '../schema-reading.js';

/** A list without which a call is not sent: its contract asks for one item at least. */
export interface NeedsItems {
  readonly group: string;
  /** Absent: the group itself is the list. */
  readonly name?: string;
  /** JSON Pointer of the input that it is read from, where it is one: `/query/ids`. */
  readonly input?: string;
}

/** The lists of a call that the contract does not let go out without items: required parameters, and members of the body with `minItems`. */
export function listsThatNeedItems({ args, operation }: CallNode): readonly NeedsItems[] {
  if (args.kind !== 'object') return [];
  const found = (group: string, argument: Argument, name?: string): NeedsItems => ({
    group,
    ...(name !== undefined && { name }),
    ...(argument.kind === 'reference' &&
      argument.field.node.kind === 'input' && { input: argument.field.path.map((key) => `/${key}`).join('') }),
  });
  const { body, contract, parameters = [] } = operation;
  const bodyName = body?.schema ?? body?.schemas?.[body.media[0] ?? ''];
  const whole = bodyName === undefined ? undefined : contract.schemas.get(bodyName);
  return args.members.flatMap(([group, argument]) => {
    const members = argument.kind === 'object' ? argument.members : [];
    if (group !== 'body') {
      return members
        .filter(([name]) =>
          parameters.some(
            (spec) => spec.in === group && spec.name === name && spec.required === true && spec.emptyList === undefined,
          ),
        )
        .map(([name, member]) => found(group, member, name));
    }
    if (argument.kind !== 'object') return needsItems(whole, contract.schemas) ? [found(group, argument)] : [];
    return members
      .filter(([name]) =>
        propertiesOf(whole, name, contract.schemas).some((schema) => needsItems(schema, contract.schemas)),
      )
      .map(([name, member]) => found(group, member, name));
  });
}

const prefix = '#/components/schemas/';

/** The schemas of one value: itself, the one that it refers to, the parts of its `allOf`. */
function partsOf(schema: unknown, schemas: SchemaTable, depth = 0): readonly SchemaObject[] {
  if (!isRecord(schema) || depth > 20) return [];
  const { $ref: reference, allOf } = schema;
  const target = typeof reference === 'string' ? schemas.get(reference.slice(prefix.length)) : undefined;
  const parts: readonly unknown[] = Array.isArray(allOf) ? allOf : [];
  return [schema, ...[target, ...parts].flatMap((part) => partsOf(part, schemas, depth + 1))];
}

const needsItems = (schema: unknown, schemas: SchemaTable): boolean =>
  partsOf(schema, schemas).some(({ minItems }) => typeof minItems === 'number' && minItems > 0);

/** The schemas of a required member. */
function propertiesOf(schema: unknown, name: string, schemas: SchemaTable): readonly unknown[] {
  const parts = partsOf(schema, schemas);
  if (!parts.some((part) => textsIn(part, 'required').includes(name))) return [];
  return parts.flatMap((part) => schemaMapIn(part, 'properties').get(name) ?? []);
}

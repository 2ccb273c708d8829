import { table } from '@frontage/core';
import type { AnyPlan, PartSource } from '@frontage/aggregation';
import type { MissingStatus } from '@frontage/core';

type Json = Readonly<Record<string, unknown>>;

/** All members of a union as a list: one that is left out does not compile. */
const every = <T extends string>(members: Readonly<Record<T, true>>): readonly string[] => Object.keys(members);

const missingStatus = {
  type: 'string',
  enum: every<MissingStatus>({
    timeout: true,
    error: true,
    bad_payload: true,
    open_circuit: true,
    shed: true,
    skipped: true,
    credentials: true,
    forbidden: true,
    not_found: true,
  }),
};

const missingSchemas: Readonly<Record<string, Json>> = table({
  MissingPart: {
    type: 'object',
    description: 'Why a part is missing, and what stands in for it.',
    required: ['status', 'source'],
    properties: {
      status: missingStatus,
      source: {
        type: 'string',
        enum: every<PartSource>({ none: true, fallback: true, last_good: true, operation: true }),
      },
      ageMs: { type: 'integer', minimum: 0, description: 'Age of the last good response.' },
      from: { type: 'integer', minimum: 0, description: 'The list is there up to this index.' },
    },
  },
  MissingItems: {
    type: 'object',
    description: 'Which items of a list are missing, by their index, or which rows of a table, by their key, and why.',
    required: ['items'],
    properties: { items: { type: 'object', additionalProperties: missingStatus } },
  },
});

const partRef = { $ref: '#/components/schemas/MissingPart' };
const itemsRef = { $ref: '#/components/schemas/MissingItems' };

/** The names in `_parts`: the parts of the plan by their public names. Undefined if none of them can be missing. */
function partsSchema(plan: AnyPlan): Json | undefined {
  const parts = plan.parts.flatMap(({ name, node }): (readonly [string, Json])[] => {
    if (node.kind === 'step') return [];
    if (node.kind !== 'call') return [[name, { anyOf: [itemsRef, partRef] }]];
    const isDispensable =
      node.need === 'optional' || node.fallbackSources.length > 0 || node.fallbackValue !== undefined;
    return isDispensable ? [[name, partRef]] : [];
  });
  if (parts.length === 0) return undefined;
  return {
    type: 'object',
    description: 'Present in a partial response only; names the missing parts.',
    properties: Object.fromEntries(parts),
    additionalProperties: false,
    minProperties: 1,
  };
}

/** The schema of a response, complete or partial. */
export interface PartialSchema {
  readonly schema: unknown;
  /** The place in which a partial response names its missing parts; undefined if none can be missing. */
  readonly partsIn: 'body' | 'header' | undefined;
}

/**
 * The schema of a response with `_parts` among its members, if the root has room for it.
 * @param components of the document; gets the schemas that `_parts` refers to
 */
export function withParts(root: unknown, plan: AnyPlan, components: Record<string, unknown>): PartialSchema {
  const parts = partsSchema(plan);
  if (parts === undefined) return { schema: root, partsIn: undefined };
  const schema = extended(root, parts, components);
  if (schema === undefined) return { schema: root, partsIn: 'header' };
  Object.assign(components, missingSchemas);
  return { schema, partsIn: 'body' };
}

/** Undefined if a response of this schema may be no object, or may have members of any name. */
function extended(schema: unknown, parts: Json, components: Readonly<Record<string, unknown>>): Json | undefined {
  if (!isObject(schema)) return undefined;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    // A copy: what else refers to the same component has no `_parts`.
    return extended(components[reference.slice(reference.lastIndexOf('/') + 1)], parts, components);
  }
  for (const keyword of ['anyOf', 'oneOf']) {
    const variants = schema[keyword];
    if (!Array.isArray(variants)) continue;
    const all = variants.map((variant) => extended(variant, parts, components));
    return all.includes(undefined) ? undefined : { ...schema, [keyword]: all };
  }
  const { properties, additionalProperties: open } = schema;
  if (!isObject(properties) || open === true || isObject(open)) return undefined;
  return { ...schema, properties: { ...properties, _parts: parts } };
}

const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

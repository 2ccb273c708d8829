import type { AnyPlan, PartSource } from '@frontage/aggregation';
import type { MissingStatus } from '@frontage/core';

type Json = Readonly<Record<string, unknown>>;

// As keys, so that a reason that is added to the type and not here does not compile.
const statuses: Record<MissingStatus, true> = {
  timeout: true,
  error: true,
  bad_payload: true,
  open_circuit: true,
  shed: true,
  skipped: true,
  forbidden: true,
  not_found: true,
};
const sources: Record<PartSource, true> = { none: true, fallback: true, last_good: true, operation: true };

const missingStatus = { type: 'string', enum: Object.keys(statuses) };

const missingSchemas: Readonly<Record<string, Json>> = {
  MissingPart: {
    type: 'object',
    description: 'Why a part is missing, and what stands in for it.',
    required: ['status', 'source'],
    properties: {
      status: missingStatus,
      source: { type: 'string', enum: Object.keys(sources) },
      ageMs: { type: 'integer', minimum: 0, description: 'How old a last good answer is.' },
      from: { type: 'integer', minimum: 0, description: 'The list is there up to this index.' },
    },
  },
  MissingItems: {
    type: 'object',
    description: 'Which items of a list are missing, by their index, or which rows of a table, by their key, and why.',
    required: ['items'],
    properties: { items: { type: 'object', additionalProperties: missingStatus } },
  },
};

const partRef = { $ref: '#/components/schemas/MissingPart' };
const itemsRef = { $ref: '#/components/schemas/MissingItems' };

/** What `_parts` may name: the parts of the plan by their public names. Undefined where none of them can be missing. */
function partsSchema(plan: AnyPlan): Json | undefined {
  const parts = plan.parts.flatMap(({ name, node }): (readonly [string, Json])[] => {
    if (node.kind === 'step') return [];
    if (node.kind === 'call') return node.need === 'optional' ? [[name, partRef]] : [];
    return [[name, { anyOf: [itemsRef, partRef] }]];
  });
  if (parts.length === 0) return undefined;
  return {
    type: 'object',
    description: 'Stands in a partial answer only, and names the parts that are missing.',
    properties: Object.fromEntries(parts),
  };
}

/**
 * The schema of an answer with `_parts` among its members, as partial answers have it.
 * @param components of the document; those that the root refers to are replaced in it
 */
export function withParts(root: unknown, plan: AnyPlan, components: Record<string, unknown>): unknown {
  const parts = partsSchema(plan);
  if (parts === undefined) return root;
  Object.assign(components, missingSchemas);
  const extend = (schema: unknown): unknown => {
    if (!isObject(schema)) return schema;
    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const name = reference.slice(reference.lastIndexOf('/') + 1);
      components[name] = extend(components[name]);
      return schema;
    }
    if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: schema['anyOf'].map(extend) };
    const members = schema['properties'];
    return isObject(members) ? { ...schema, properties: { ...members, _parts: parts } } : schema;
  };
  return extend(root);
}

const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

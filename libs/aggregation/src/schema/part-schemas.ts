import type { JsonSchema, OperationInfo, ResponseSpec } from '@frontage/core';
import { callOf, levelsOf, type BatchNode, type CallNode, type PagesNode, type PartNode } from '../model/nodes.js';
import { readOwnSchema } from './own-schemas.js';
import { literalSchema, nullable, union } from './schema-algebra.js';
import { referenceTo, SchemaDocument } from './schema-document.js';
import { acceptsNull, elementOf, propertyOf, variantsOf } from './schema-navigation.js';

/** The facts about a value that are known at start. */
export interface Shape {
  readonly schema: JsonSchema;
  /** True if it may be undefined. */
  readonly optional: boolean;
  /** The reason why the schema is not known, for a response schema that needs it. */
  readonly reason?: string;
}

export const anything = (reason?: string): Shape => ({
  schema: true,
  optional: true,
  ...(reason !== undefined && { reason }),
});

/** The shape of a part of the plan where it is present. */
export function partShape(node: PartNode, owner: string, document: SchemaDocument): Shape {
  switch (node.kind) {
    case 'call':
      return callShape(node, document);
    case 'each': {
      const { schema, reason } = callShape(node.call, document);
      const lists = levelsOf(node).reduceRight<JsonSchema>(
        (items, { maxCount }) => ({ type: 'array', items, maxItems: maxCount }),
        schema,
      );
      return {
        schema: lists,
        optional: false,
        ...(reason !== undefined && { reason }),
      };
    }
    case 'batch': {
      const { schema, reason } = rowShape(node, document);
      return {
        schema: { type: 'object', additionalProperties: schema },
        optional: false,
        ...(reason !== undefined && { reason }),
      };
    }
    case 'pages': {
      const { schema, reason } = rowShape(node, document);
      return {
        schema: { type: 'array', items: schema, maxItems: node.maxItems },
        optional: false,
        ...(reason !== undefined && { reason }),
      };
    }
    case 'step':
      return node.schema === undefined
        ? anything('its step has no schema: write step(schema, deps, run), or read it in compute(...)')
        : ownShape(node.schema, owner, document);
  }
}

/** The shape of one item of the list in a response. */
function rowShape({ call, items, source }: BatchNode | PagesNode, document: SchemaDocument): Shape {
  const response = callShape(call, document);
  if (response.schema === true) return response;
  const lists = items === undefined ? [response.schema] : membersNamed(response.schema, items, document);
  const rows = lists.map((list) => elementOf(list, document)).filter((row) => row !== undefined);
  if (rows.length === 0)
    throw new TypeError(
      items === undefined
        ? `the contract says that ${call.operation.id} (at ${source}) responds with no list: name the member that holds it, { items: '...' }`
        : `the contract says that '${items}' of ${call.operation.id} (at ${source}) is not a list`,
    );
  return { ...response, schema: union(rows, document), optional: false };
}

const membersNamed = (schema: JsonSchema, name: string, document: SchemaDocument): readonly JsonSchema[] =>
  variantsOf(schema, document)
    .map((variant) => propertyOf(variant, name, document)?.schema)
    .filter((member) => member !== undefined);

export function ownShape(schema: Parameters<typeof readOwnSchema>[0], owner: string, document: SchemaDocument): Shape {
  const own = readOwnSchema(schema);
  if (own.schema === undefined) return anything(own.reason);
  return { schema: document.ofOwn(own.schema, owner), optional: own.optional };
}

function callShape(node: CallNode, document: SchemaDocument): Shape {
  const response = responseOf(node.operation, document);
  const others: JsonSchema[] = [];
  for (const [status, stand] of Object.entries(node.onStatus)) {
    if (stand.kind === 'function') {
      return anything(
        `what its onStatus ${status} makes has no schema: give a value, or read the part in compute(...)`,
      );
    }
    others.push(literalSchema(stand.of.value));
  }
  let { optional } = response;
  for (const fallback of node.fallbackSources) {
    if (fallback.kind !== 'call') continue;
    // Its shape includes the fallback value, if there is one.
    const other = callShape(fallback.call, document);
    if (other.schema === true) return other;
    others.push(other.schema);
    optional ||= other.optional;
  }
  if (node.fallbackValue !== undefined && node.fallbackValue.value !== undefined)
    others.push(literalSchema(node.fallbackValue.value));
  optional ||= node.fallbackValue !== undefined && node.fallbackValue.value === undefined;
  return { schema: others.length === 0 ? response.schema : union([response.schema, ...others], document), optional };
}

/** True if the contract allows a successful response to be `null` as a whole; true where it does not say. */
export function responseMayBeNull(operation: OperationInfo): boolean {
  const document = new SchemaDocument();
  return acceptsNull(responseOf(operation, document).schema, document);
}

/** The shape of a successful response of an operation. */
function responseOf(operation: OperationInfo, document: SchemaDocument): Shape {
  const successes = successesOf(operation.responses);
  const schemas = successes.flatMap((response) => {
    if (response.schema === undefined) return [];
    const schema = document.ofContract(operation.contract, response.schema);
    if (schema === undefined) return [];
    // A component stays a reference; the name of an inline schema is for tables only.
    return response.schema.startsWith(`${operation.id}.`)
      ? [schema]
      : [{ $ref: referenceTo(`${operation.contract.upstream}.${response.schema}`) }];
  });
  const withBody = successes.filter((response) => response.media !== undefined);
  if (schemas.length === 0 || schemas.length < withBody.length) return anything();
  return { schema: union(schemas, document), optional: schemas.length < successes.length };
}

function successesOf(responses: readonly ResponseSpec[]): readonly ResponseSpec[] {
  const successes = responses.filter((response) => /^2(\d\d|XX)$/i.test(response.status));
  return successes.length > 0 ? successes : responses.filter((response) => response.status === 'default');
}

/** The declared headers of a part: those of one response, or of each of its responses, null where a call has none. */
export function headersSchema(node: PartNode, document: SchemaDocument): JsonSchema {
  const one = responseHeadersSchema(node);
  if (node.kind === 'call' || node.kind === 'step') return one;
  const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
  const lists = node.kind === 'each' ? levelsOf(node) : [node];
  return lists.reduceRight<JsonSchema>(list, nullable({ ...Object(one), required: [] }, document));
}

/**
 * The declared headers of one response as an object. Where the value may come from a fallback, there may be no response: then none of them
 * is required.
 */
export function responseHeadersSchema(node: PartNode): JsonSchema {
  const call = callOf(node);
  if (call === undefined) return false;
  const { headers = [] } = call.operation;
  const mayBeFallback =
    call.fallbackValue !== undefined || call.fallbackSources.length > 0 || Object.keys(call.onStatus).length > 0;
  return {
    type: 'object',
    properties: Object.fromEntries(
      headers.map(({ name, type = 'string', list }) => [
        name,
        list === true ? { type: 'array', items: { type } } : { type },
      ]),
    ),
    required: mayBeFallback ? [] : headers.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
}

import type { JsonSchema } from '@frontage/core';
import type { DocumentSource } from '../schema/document-source.js';
import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';
import { locationOf } from '../document/location.js';
import type { ParameterDescription } from './operation-description.js';
import { describeEncoding } from './property-encoding.js';
import { ContractFault } from '../schema/schema-registry.js';
import { referencedName } from '../schema/schema-references.js';

/**
 * Replaces a parameter that is the whole query string (`in: querystring`, OpenAPI 3.2 section 4.12) by one query parameter per property:
 * a form has the same bytes.
 * @throws {ContractFault} for one that is no form with declared properties
 */
export function queryStringParameters(node: JsonObject, source: DocumentSource): ParameterDescription[] {
  const name = memberText(node, 'name') ?? 'querystring';
  const [media, value] = Object.entries(memberObject(node, 'content') ?? {})[0] ?? [];
  const content = source.dereference(value);
  const schema = resolved(source.convert(member(content, 'schema') ?? true), source);
  const properties = Object.entries(memberObject(schema, 'properties') ?? {});
  if (media !== 'application/x-www-form-urlencoded' || properties.length === 0) {
    throw new ContractFault(
      `the parameter ${name} is the whole query string as ${media ?? 'nothing'}; only application/x-www-form-urlencoded with properties can be sent`,
      locationOf(node),
    );
  }
  const required = memberArray(schema, 'required');
  const encodings = describeEncoding(content, 'form', source);
  return properties.map(([property, inner]) => {
    const { style, explode, allowReserved, contentType } = encodings.find((each) => each.name === property) ?? {};
    const own = isObject(inner) || typeof inner === 'boolean' ? inner : true;
    // Without a style, an object is sent as JSON.
    const isObjectValue = member(resolved(own, source), 'type') === 'object';
    const json = style === undefined && isObjectValue ? (contentType ?? 'application/json') : undefined;
    return {
      name: property,
      in: 'query',
      ...(required.includes(property) && member(node, 'required') === true ? { required: true } : {}),
      ...(style === undefined || style === 'form' ? {} : { style }),
      ...(explode === undefined ? {} : { explode }),
      ...(allowReserved === undefined ? {} : { allowReserved }),
      ...(json === undefined ? {} : { content: json }),
      schema: own,
    };
  });
}

function resolved(schema: JsonSchema, source: DocumentSource): JsonSchema {
  const name = referencedName(schema);
  return name === undefined ? schema : (source.component(name) ?? true);
}

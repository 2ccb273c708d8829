import {
  ownedHeaders,
  replaceableHeaders,
  table,
  type IntegerFormat,
  type JsonSchema,
  type ParameterPlace,
  type ParameterSpec,
  type ParameterStyle,
} from '@frontage/core';
import { classifiedAs } from '../keywords/classification.js';
import type { DocumentSource } from '../schema/document-source.js';
import type { ParameterDescription } from './operation-description.js';
import { flagIn, isSet } from '../content/flags.js';
import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';
import { locationOf } from '../document/location.js';
import { queryStringParameters } from './query-string.js';
import { resolved, sendable } from './sendable.js';
import { ContractFault } from '../schema/schema-registry.js';

const styles: Readonly<Record<ParameterPlace, readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/** The origin of header fields that OpenAPI describes elsewhere: it says that parameters of these names shall be ignored. */
const byContract: Readonly<Record<string, string>> = table({
  'content-type': 'it follows from the media type of the body',
  authorization: 'it follows from credentials and forwardAuthorization in policy',
  cookie: 'cookies are parameters in cookie, one by one',
});

/**
 * The parameters of an operation and of its path; those of the operation win. A name in the template of the path that is not declared
 * is a required text.
 * @throws {ContractFault}
 */
export function describeParameters(
  path: string,
  item: JsonObject,
  operation: JsonObject,
  source: DocumentSource,
): ParameterDescription[] {
  const found = new Map<string, ParameterDescription>();
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].flatMap((match) => (match[1] === undefined ? [] : [match[1]]));
  for (const list of [listIn(item, source), listIn(operation, source)]) {
    const seen = new Set<string>();
    for (const item of list) {
      const node = source.dereference(item);
      if (!isObject(node)) throw new ContractFault('a parameter is a mapping', locationOf(list));
      if (member(node, 'in') === 'querystring') {
        for (const each of queryStringParameters(node, source)) found.set(`query ${each.name}`, each);
        continue;
      }
      const parameter = describeParameter(node, source);
      if (parameter === undefined) continue;
      const key = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
      if (parameter.in === 'path' && !names.includes(parameter.name)) {
        source.warn('path-parameter', `${path} has no {${parameter.name}}; the parameter is left out`, node);
      } else if (seen.has(key)) {
        source.warn('repeated-parameter', `the parameter ${parameter.name} stands twice; the first one counts`, node);
      } else {
        seen.add(key);
        found.set(key, parameter);
      }
    }
  }
  for (const name of names) {
    if (found.has(`path ${name}`)) continue;
    source.warn('path-parameter', `{${name}} of ${path} is not declared; it is taken as text`, operation);
    found.set(`path ${name}`, { name, in: 'path', required: true, schema: { type: 'string' } });
  }
  return [...found.values()];
}

/**
 * One object schema per group of parameters, with the parameters as its members.
 * @param named receives them by the name that they are given
 */
export function describeInputs(
  id: string,
  parameters: readonly ParameterDescription[],
  source: DocumentSource,
  named: Map<string, JsonSchema>,
): Partial<Record<ParameterPlace, string>> {
  const inputs: Partial<Record<ParameterPlace, string>> = {};
  for (const place of ['path', 'query', 'header', 'cookie'] as const) {
    const group = parameters.filter((parameter) => parameter.in === place);
    if (group.length === 0) continue;
    const required = group.filter((parameter) => parameter.required === true).map(({ name }) => name);
    const name = source.reserve(`${id}.${place}`);
    named.set(name, {
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(group.map((parameter) => [parameter.name, parameter.schema])),
    });
    inputs[place] = name;
  }
  return inputs;
}

function listIn(holder: JsonObject, source: DocumentSource): readonly unknown[] {
  const parameters = member(holder, 'parameters');
  if (!isObject(parameters)) return memberArray(holder, 'parameters');
  source.warn('parameters', 'parameters is a mapping, not a list; it is taken as the only one', holder, 'parameters');
  return [parameters];
}

function describeParameter(node: JsonObject, source: DocumentSource): ParameterDescription | undefined {
  const name = memberText(node, 'name');
  if (name === undefined) {
    if (isSet(node, 'required', source) || member(node, 'in') === 'path')
      throw new ContractFault('a parameter has no name', locationOf(node));
    source.warn('parameter-name', 'a parameter has no name; it is left out', node);
    return undefined;
  }
  const location = parameterLocation(node, name, source);
  if (location === 'header' && !isToken(name)) {
    const reason = `${JSON.stringify(name)} cannot be the name of a header field (RFC 9110 section 5.1)`;
    if (isSet(node, 'required', source)) throw new ContractFault(reason, locationOf(node));
    source.warn('parameter-name', `${reason}; the parameter is left out`, node);
    return undefined;
  }
  if (location === 'header' && ownedHeaders.has(name.toLowerCase())) {
    const who = byContract[name.toLowerCase()] ?? 'the gateway sets this field itself';
    source.warn('owned-header', `the header parameter ${name} is left out: ${who}`, node);
    return undefined;
  }

  const content = memberObject(node, 'content');
  const media = content === undefined ? undefined : Object.keys(content)[0];
  const holder = media === undefined ? node : source.dereference(member(content, media));
  const converted = source.convert(classifiedAs(member(holder, 'schema') ?? true, node));
  const description = memberText(node, 'description');
  const spec: ParameterSpec = {
    name,
    in: location,
    ...(isRequired(node, name, location, source) ? { required: true } : {}),
    ...(media === undefined ? serialisation(node, location, source) : { content: media }),
  };
  const schema = sendable(converted, spec, node, source);
  if (schema === undefined) return undefined;
  return {
    ...spec,
    ...traitsOf(node, schema, source),
    schema,
    ...(description === undefined ? {} : { description }),
    ...(isSet(node, 'deprecated', source) ? { deprecated: true } : {}),
  };
}

/** Without an argument for a field that the gateway sends by itself, its own value is sent. */
const isRequired = (node: JsonObject, name: string, location: ParameterPlace, source: DocumentSource): boolean =>
  location === 'path' ||
  (isSet(node, 'required', source) && !(location === 'header' && replaceableHeaders.has(name.toLowerCase())));

/** The facts about the schema of a parameter that the encoder must know. */
function traitsOf(
  node: JsonObject,
  schema: JsonSchema,
  source: DocumentSource,
): Pick<ParameterSpec, 'integer64' | 'emptyList'> {
  const value = resolved(schema, source);
  const items: unknown = member(value, 'items');
  const item = isObject(items) ? resolved(items, source) : undefined;
  const integer64 = integerFormat(value) ?? integerFormat(item);
  if (item === undefined && member(value, 'type') !== 'array') return integer64 === undefined ? {} : { integer64 };
  const emptyList =
    member(node, 'allowEmptyValue') === true && member(node, 'in') === 'query'
      ? 'name'
      : member(value, 'minItems') === 0
        ? 'nothing'
        : undefined;
  return { ...(integer64 === undefined ? {} : { integer64 }), ...(emptyList === undefined ? {} : { emptyList }) };
}

function integerFormat(schema: JsonSchema | undefined): IntegerFormat | undefined {
  if (!isObject(schema) || [schema.type].flat().includes('string')) return undefined;
  const { format } = schema;
  return format === 'int64' || format === 'uint64' ? format : undefined;
}

/** RFC 9110 section 5.6.2. */
const isToken = (name: string): boolean => /^[!#$%&'*+.^_`|~\w-]+$/.test(name);

function parameterLocation(node: JsonObject, name: string, source: DocumentSource): ParameterPlace {
  const location = member(node, 'in');
  const written = typeof location === 'string' ? location.trim().toLowerCase() : undefined;
  if (written === 'path' || written === 'query' || written === 'header' || written === 'cookie') {
    if (written !== location)
      source.warn('parameter-place', `the parameter ${name} is in ${String(location)}; ${written} is used`, node, 'in');
    return written;
  }
  throw new ContractFault(
    `the parameter ${name} is in ${typeof location === 'string' ? location : 'no location'}; known are path, query, querystring, header and cookie`,
    locationOf(node),
  );
}

/** The style of a parameter as far as it differs from the defaults of OpenAPI, so that the encoder has fewer cases. */
function serialisation(
  node: JsonObject,
  location: ParameterPlace,
  source: DocumentSource,
): Partial<Pick<ParameterSpec, 'style' | 'explode' | 'allowReserved'>> {
  const usual = location === 'path' || location === 'header' ? 'simple' : 'form';
  const wanted = member(node, 'style');
  const style = styles[location].find((each) => each === wanted) ?? usual;
  if (wanted !== undefined && wanted !== style) {
    source.warn(
      'parameter-style',
      `there is no style ${JSON.stringify(wanted)} for a parameter in ${location}; ${usual} is used`,
      node,
    );
  }
  const explode = flagIn(node, 'explode', source);
  return {
    ...(style === usual ? {} : { style }),
    ...(explode !== undefined && explode !== (style === 'form') ? { explode } : {}),
    // A path parameter may have it since OpenAPI 3.2; its value may hold `.` and `..` between slashes.
    ...((location === 'query' || location === 'path') && isSet(node, 'allowReserved', source)
      ? { allowReserved: true }
      : {}),
  };
}

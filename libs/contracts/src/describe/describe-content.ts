import { mediaKind, type JsonSchema, type Method, type ResponseHeaderSpec } from '@frontage/core';
import type { DocumentSource } from '../schema/document-source.js';
import { isSet } from '../content/flags.js';
import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';
import type {
  BodyDescription,
  HeaderDescription,
  MediaDescription,
  ResponseDescription,
} from './operation-description.js';
import { mediaNameOf } from '../content/media-names.js';
import { describeEncoding } from './property-encoding.js';
import { referencedName } from '../schema/schema-references.js';
import { ContractFault } from '../schema/schema-registry.js';

/** RFC 9110 sections 9.3.1 to 9.3.8: content in these has no defined meaning, and servers and proxies may refuse it. */
const bodyless: ReadonlySet<Method> = new Set<Method>(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * The declared request body of an operation; undefined where it has none, or one that can hold nothing.
 * @param named receives the schemas without a name of their own, by the name that they are given
 * @throws {ContractFault}
 */
export function describeBody(
  { id, method }: { readonly id: string; readonly method: Method },
  node: JsonObject,
  source: DocumentSource,
  named: Map<string, JsonSchema>,
): BodyDescription | undefined {
  const body = source.dereference(member(node, 'requestBody'));
  if (!isObject(body)) return undefined;
  const media = mediaOf(body, source, false);
  if (media.length === 0) return undefined;
  const isRequired = isSet(body, 'required', source);
  if (bodyless.has(method)) {
    if (!isRequired && media.every(({ schema }) => holdsNothing(schema))) {
      source.warn('empty-body', `the body of this ${method} can hold nothing; it is left out`, body);
      return undefined;
    }
    source.warn('body-on-safe-method', `this ${method} has a body, which servers and proxies may refuse`, body);
  }
  const description = memberText(body, 'description');
  return {
    ...(isRequired ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    media: media.map((each) => withName(`${id}.body`, each, named, source)),
  };
}

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
const withoutContent: ReadonlySet<string> = new Set(['204', '205', '304']);

/**
 * The responses of an operation.
 * @param named receives the schemas without a name of their own, by the name that they are given
 * @throws {ContractFault}
 */
export function describeResponses(
  id: string,
  node: JsonObject,
  source: DocumentSource,
  named: Map<string, JsonSchema>,
): ResponseDescription[] {
  const described: ResponseDescription[] = [];
  for (const [key, value] of Object.entries(memberObject(node, 'responses') ?? {})) {
    if (key.startsWith('x-')) continue;
    const written = key.trim();
    const status = /^[1-5]xx$/i.test(written) ? written.toUpperCase() : written;
    if (!/^([1-5]\d\d|[1-5]XX|default)$/.test(status)) {
      source.warn('status', `there is no status ${JSON.stringify(key)}; the response is left out`, value);
      continue;
    }
    const response = source.dereference(value);
    const all = withoutContent.has(status) ? [] : mediaOf(response, source, true);
    if (withoutContent.has(status) && memberObject(response, 'content') !== undefined) {
      source.warn('no-content', `a response with ${status} has no content; the declared content is left out`, response);
    }
    const json = all.filter(({ media }) => mediaKind(media) === 'json');
    // The client asks for JSON where the contract offers it, and never for another form of the same response.
    const asked = json.length > 0 ? json : all;
    if (asked.length < all.length) {
      const others = all.flatMap(({ media }) => (mediaKind(media) === 'json' ? [] : [media]));
      source.warn(
        'response-media',
        `the response ${status} is asked for as JSON, not as ${others.join(', ')}`,
        response,
      );
    }
    const media = asked.map((each) => withName(`${id}.${status}`, each, named, source));
    const description = memberText(response, 'description');
    const headers = describeHeaders(response, source);
    described.push({
      status,
      ...(description === undefined ? {} : { description }),
      media,
      ...(headers.length === 0 ? {} : { headers }),
    });
  }
  if (!described.some(({ status }) => status.startsWith('2') || status === 'default')) {
    source.warn('no-success', `${id} declares no success; any 2xx counts as one without a value`, node, 'responses');
  }
  return described;
}

function mediaOf(holder: unknown, source: DocumentSource, isResponse: boolean): MediaDescription[] {
  const found = new Map<string, MediaDescription>();
  const entries = Object.entries(memberObject(holder, 'content') ?? {});
  const place = { isResponse, names: entries.map(([name]) => name) };
  for (const [name, value] of entries) {
    const content = source.dereference(value);
    const isLines = mediaKind(name) === 'ndjson';
    const schema = isLines ? linesSchema(content, source) : ownSchema(content, source);
    const { media, also = [] } = mediaNameOf(name, schema, content, place, source);
    const kind = mediaKind(media);
    const encoding = kind === 'form' || kind === 'multipart' ? describeEncoding(content, kind, source) : [];
    const known = found.get(media);
    const all = [...(known?.also ?? []), ...also];
    found.set(media, {
      ...(known ?? {
        media,
        ...(schema === undefined ? {} : { schema }),
        ...(encoding.length === 0 ? {} : { encoding }),
      }),
      ...(all.length === 0 ? {} : { also: all }),
    });
  }
  return [...found.values()];
}

function ownSchema(content: unknown, source: DocumentSource): JsonSchema | undefined {
  const schema = member(content, 'schema');
  return schema === undefined ? undefined : source.convert(schema);
}

/** The schema of a list of JSON values: OpenAPI 3.2 has `itemSchema` for one value; before, `schema` meant the value or the list. */
function linesSchema(content: unknown, source: DocumentSource): JsonSchema | undefined {
  const item = member(content, 'itemSchema');
  if (item !== undefined) return { type: 'array', items: source.convert(item) };
  const schema = ownSchema(content, source);
  if (schema === undefined) return undefined;
  const name = referencedName(schema);
  const whole = name === undefined ? schema : (source.component(name) ?? true);
  return typeof whole === 'object' && whole.type === 'array' ? schema : { type: 'array', items: schema };
}

function withName(
  stem: string,
  media: MediaDescription,
  named: Map<string, JsonSchema>,
  source: DocumentSource,
): MediaDescription {
  const { schema } = media;
  if (schema === undefined) return media;
  const existing = componentName(schema);
  if (existing !== undefined) return { ...media, schemaName: existing };
  const text = JSON.stringify(schema);
  const same = [...named].find(([name, other]) => name.startsWith(stem) && JSON.stringify(other) === text);
  const schemaName = same?.[0] ?? source.reserve(stem);
  named.set(schemaName, schema);
  return { ...media, schemaName };
}

/** The name of the component that a schema refers to, where it adds nothing to it. */
function componentName(schema: JsonSchema | undefined): string | undefined {
  return typeof schema === 'object' && Object.keys(schema).length === 1 ? referencedName(schema) : undefined;
}

function holdsNothing(schema: JsonSchema | undefined): boolean {
  if (schema === undefined) return true;
  if (typeof schema === 'boolean' || memberArray(schema, 'required').length > 0) return false;
  const properties = Object.keys(memberObject(schema, 'properties') ?? {});
  const isOpen = schema.additionalProperties !== undefined && schema.additionalProperties !== false;
  const rules = Object.keys(schema).filter((key) => !['type', 'properties', 'additionalProperties'].includes(key));
  return schema.type === 'object' && properties.length === 0 && !isOpen && rules.length === 0;
}

/**
 * Fields that are never read: `Content-Type` is described elsewhere (OpenAPI 3.1 section 4.8.17.1), cookies of a service belong to the
 * gateway and to no client, and the others belong to the connection.
 */
const unread: ReadonlySet<string> = new Set(
  'content-type set-cookie connection keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

/** The headers that a response declares. @throws {ContractFault} */
function describeHeaders(response: unknown, source: DocumentSource): readonly HeaderDescription[] {
  const found = new Map<string, HeaderDescription>();
  for (const [name, value] of Object.entries(memberObject(response, 'headers') ?? {})) {
    const node = source.dereference(value);
    if (!isObject(node) || unread.has(name.toLowerCase()) || found.has(name.toLowerCase())) continue;
    // A name that every object has would be found in every response.
    if (
      !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) ||
      name.toLowerCase() in Object.prototype ||
      name in Object.prototype
    ) {
      source.warn('response-header', `there is no header ${JSON.stringify(name)}; it is left out`, value);
      continue;
    }
    const schema = schemaOf(node, source);
    const description = memberText(node, 'description');
    found.set(name.toLowerCase(), {
      name,
      ...(member(node, 'required') === true ? { required: true } : {}),
      ...typeOf(schema, source),
      schema,
      ...(description === undefined ? {} : { description }),
    });
  }
  return [...found.values()];
}

/** A schema that cannot be read costs its type alone: no operation is refused for a header of its response. */
function schemaOf(node: JsonObject, source: DocumentSource): JsonSchema {
  if (memberObject(node, 'content') !== undefined) return { type: 'string' };
  try {
    return source.convert(member(node, 'schema') ?? { type: 'string' });
  } catch (error) {
    if (!(error instanceof ContractFault)) throw error;
    source.warn('response-header', `${error.reason}; the header is taken as text`, node);
    return { type: 'string' };
  }
}

/** The type that the text of a field becomes: a field that the contract leaves open stays a text. */
function typeOf(schema: JsonSchema, source: DocumentSource): Pick<ResponseHeaderSpec, 'type' | 'list'> {
  const resolved = resolve(schema, source);
  if (!isObject(resolved)) return {};
  const types = [resolved['type']].flat().filter((type) => type !== 'null');
  const [type] = types;
  if (types.length !== 1) return {};
  if (type === 'integer' || type === 'number' || type === 'boolean') return { type };
  if (type !== 'array') return {};
  const items = resolved['items'];
  const { type: ofItem } = isSchema(items) ? typeOf(items, source) : {};
  return { list: true, ...(ofItem === undefined ? {} : { type: ofItem }) };
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isObject(value);

function resolve(schema: JsonSchema, source: DocumentSource): JsonSchema {
  const name = referencedName(schema);
  return name === undefined ? schema : (source.component(name) ?? true);
}

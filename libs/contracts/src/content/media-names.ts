import { mediaKind, table, type JsonSchema } from '@frontage/core';
import { referencedName } from '../schema/schema-references.js';
import type { DocumentSource } from '../schema/document-source.js';

/** The media type of some content, as clients and the sandbox need it. */
export interface MediaName {
  readonly media: string;
  /** Of a response: the content type or range that the contract has in its place. */
  readonly also?: readonly string[];
}

/** The form of content that a schema states: bytes, a text, a number or boolean, or a value that only JSON can carry here. */
type Form = 'bytes' | 'text' | 'scalar' | 'value' | 'unknown';

/** Names that authors write instead of a media type. */
const shortNames: Readonly<Record<string, string>> = table({
  json: 'application/json',
  xml: 'application/xml',
  text: 'text/plain',
  plain: 'text/plain',
  html: 'text/html',
  csv: 'text/csv',
  form: 'application/x-www-form-urlencoded',
});

/** The place of content, and the media types that are declared beside it. */
export interface ContentPlace {
  readonly isResponse: boolean;
  readonly names: readonly string[];
}

/**
 * A definite media type for the name that the contract has. Frameworks write ranges for "the default", and `text/plain` or
 * `application/octet-stream` where they do not know better: the schema says whether the content is bytes, text or JSON.
 */
export function mediaNameOf(
  name: string,
  schema: JsonSchema | undefined,
  content: unknown,
  place: ContentPlace,
  source: DocumentSource,
): MediaName {
  const written = name.trim() || '*/*';
  const form = formOf(schema, source);
  const found = definite(written, form, place);
  tellUnheard(found ?? written, form, content, place, source);
  if (found === undefined) return { media: written };
  source.warn('media-range', `${written} is taken as ${found}`, content);
  // Every reader of JSON takes a suffix, too; a word alone is no content type that could come.
  const isCovered = !place.isResponse || /\+json$/i.test(written) || /^[^*/]+$/.test(written);
  return { media: found, ...(isCovered ? {} : { also: [written === '*' ? '*/*' : written.toLowerCase()] }) };
}

/** Of XML and other texts only JSON has members here: the type of such content says less than its schema. */
function tellUnheard(
  media: string,
  form: Form,
  content: unknown,
  { isResponse, names }: ContentPlace,
  source: DocumentSource,
): void {
  const kind = mediaKind(media);
  const isUnheard = (form === 'value' || form === 'scalar') && (kind === 'text' || kind === 'binary');
  if (!isUnheard || names.some((other) => mediaKind(other) === 'json')) return;
  const read = isResponse ? 'read' : 'sent';
  const as = kind === 'text' ? 'a text' : 'bytes';
  source.warn('unheard-schema', `content of ${media} is ${read} as ${as}; its schema is not heard`, content);
}

function definite(written: string, form: Form, { isResponse, names }: ContentPlace): string | undefined {
  const type = (written.split(';')[0] ?? written).trim().toLowerCase();
  if (Object.hasOwn(shortNames, type)) return shortNames[type];
  if (type.endsWith('*+json')) return 'application/json';
  if (type.endsWith('*+xml')) return 'application/xml';
  if (type === '*/*' || type === '*') {
    if (form === 'bytes') return undefined;
    return form === 'text' ? 'text/plain' : 'application/json';
  }
  if (type === 'application/*') return form === 'bytes' ? undefined : 'application/json';
  const isVague = type === 'text/plain' || type === 'text/*' || type === 'application/octet-stream';
  // A request is sent as it is declared; a response in JSON is asked for where the contract offers it.
  if (!isResponse || !isVague || form !== 'value') return undefined;
  return names.some((other) => mediaKind(other) === 'json') ? undefined : 'application/json';
}

function formOf(schema: JsonSchema | undefined, source: DocumentSource): Form {
  return schema === undefined ? 'unknown' : formIn(schema, source, new Set());
}

function formIn(schema: JsonSchema, source: DocumentSource, open: Set<string>): Form {
  if (typeof schema === 'boolean') return 'unknown';
  const name = referencedName(schema);
  if (name !== undefined) {
    if (open.has(name)) return 'unknown';
    return formIn(source.component(name) ?? true, source, new Set([...open, name]));
  }
  if (schema.format === 'binary') return 'bytes';
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== 'null');
  if (types.some((type) => type === 'object' || type === 'array')) return 'value';
  if (types.some((type) => type === 'string')) return 'text';
  if (types.some((type) => type !== undefined)) return 'scalar';
  if ('properties' in schema || 'items' in schema) return 'value';
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => {
    const list: unknown = schema[key];
    return Array.isArray(list) ? list.filter(isSchema) : [];
  });
  const forms = new Set(parts.map((part) => formIn(part, source, open)));
  if (forms.has('value')) return 'value';
  return forms.size === 1 ? ([...forms][0] ?? 'unknown') : 'unknown';
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null);

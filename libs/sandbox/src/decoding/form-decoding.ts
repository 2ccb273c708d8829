import type { MediaDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema, type PropertyEncoding } from '@frontage/core';
import { decodeDeep } from './deep-decoding.js';
import { formDecode, fromPairs, pairsOf, type Pair } from './parameter-decoding.js';
import { propertiesOf, readAs, takesType, type ReadingContext } from './typed-reading.js';

/**
 * The value of an `application/x-www-form-urlencoded` body: members with a style are read as query parameters of that style, the others
 * in the common notations of forms: repeated, with brackets, objects as JSON.
 * @throws {URIError | SyntaxError} where it is not encoded properly
 */
export function decodeForm(
  text: string,
  { schema = true, encoding = [] }: MediaDescription,
  reading: ReadingContext,
): unknown {
  const pairs = pairsOf(text, '&');
  const decoded = pairs.map(([name, value]) => [formDecode(name), formDecode(value)] as const);
  const properties = propertiesOf(schema, reading.resolve);
  const styled = encoding.filter(({ style }) => style !== undefined && style !== 'deepObject');
  const exploded = new Set<string>();
  const made: [string, unknown][] = [];
  for (const spec of styled) {
    const own = Object.hasOwn(properties, spec.name) ? (properties[spec.name] ?? true) : true;
    made.push([spec.name, fromStyle(spec, own, pairs, reading)]);
    if (spec.style !== 'form' || spec.explode === false || !takesType(own, 'object', reading.resolve)) continue;
    for (const name of Object.keys(propertiesOf(own, reading.resolve))) exploded.add(name);
  }
  const names = new Set(decoded.map(([name]) => name.split('[', 1)[0] ?? ''));
  for (const name of names) {
    if (styled.some((spec) => spec.name === name) || (exploded.has(name) && !Object.hasOwn(properties, name))) continue;
    const own = Object.hasOwn(properties, name) ? (properties[name] ?? true) : true;
    made.push([name, unpacked(decodeDeep(name, decoded, own, reading.resolve), own, reading)]);
  }
  return readAs(schema, Object.fromEntries(made.filter(([, value]) => value !== undefined)), reading);
}

function fromStyle(
  { name, style, explode }: PropertyEncoding,
  schema: JsonSchema,
  pairs: readonly Pair[],
  reading: ReadingContext,
): unknown {
  const spec = { name, schema, ...(style && { style }), ...(explode !== undefined && { explode }) };
  return fromPairs(spec, pairs, reading);
}

/**
 * The value of a multipart body; a file counts as the text of its bytes. Undefined where its parts have no names.
 * @throws {TypeError | SyntaxError} where it is no multipart body, or a part is no JSON where only JSON fits
 */
export async function decodeParts(
  body: Buffer,
  media: string,
  { schema = true, encoding = [] }: MediaDescription,
  reading: ReadingContext,
): Promise<unknown> {
  const isFormData = /^multipart\/form-data/i.test(media.trim());
  const type = media.replace(/^[^;]*/, 'multipart/form-data');
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch (error) {
    if (isFormData) throw error;
    return undefined;
  }
  const properties = propertiesOf(schema, reading.resolve);
  const made: [string, unknown][] = [];
  for (const name of new Set(form.keys())) {
    const own = Object.hasOwn(properties, name) ? (properties[name] ?? true) : true;
    const isJson = encoding.some((spec) => spec.name === name && mediaKind(spec.contentType ?? '') === 'json');
    const parts = await Promise.all(
      form.getAll(name).map(async (part) => (typeof part === 'string' ? part : textOfFile(part))),
    );
    const isList = parts.length > 1 || (takesType(own, 'array', reading.resolve) && !isJson);
    made.push([name, unpacked(isList ? parts : parts[0], own, reading)]);
  }
  return readAs(schema, Object.fromEntries(made), reading);
}

const textOfFile = async (file: Blob): Promise<string> => Buffer.from(await file.arrayBuffer()).toString('latin1');

/** Objects are JSON by default (OpenAPI 3.1, Encoding Object), in lists too. */
function unpacked(value: unknown, schema: JsonSchema, { resolve }: ReadingContext): unknown {
  if (Array.isArray(value)) {
    const flat = value.map((item) => (isJsonText(item) && !takesItems(schema) ? (JSON.parse(item) as unknown) : item));
    // A list that was sent as one JSON text.
    return flat.length === 1 && Array.isArray(flat[0]) ? flat[0] : flat;
  }
  const isPacked = takesType(schema, 'object', resolve) || takesType(schema, 'array', resolve);
  return isPacked && !takesType(schema, 'string', resolve) && isJsonText(value) ? JSON.parse(value) : value;

  function takesItems(list: JsonSchema): boolean {
    const items = typeof list === 'object' ? list['items'] : undefined;
    return typeof items === 'object' && items !== null && takesType(items as JsonSchema, 'string', resolve);
  }
}

const isJsonText = (value: unknown): value is string => typeof value === 'string' && /^\s*[[{]/.test(value);

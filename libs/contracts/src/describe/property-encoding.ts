import type { PartHeader, PropertyEncoding } from '@frontage/core';
import type { DocumentSource } from '../schema/document-source.js';
import { isObject, member, memberObject, memberText, type JsonObject } from '../document/json.js';

const styles = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;

/** The Encoding Objects of a form body (OpenAPI 3.1 section 4.8.15); one that only repeats the defaults is left out. */
export function describeEncoding(
  content: unknown,
  kind: 'form' | 'multipart',
  source: DocumentSource,
): PropertyEncoding[] {
  for (const key of ['prefixEncoding', 'itemEncoding']) {
    if (member(content, key) !== undefined)
      source.warn('encoding', `${key} is not supported; the parts are sent by their kind`, content);
  }
  return Object.entries(memberObject(content, 'encoding') ?? {}).flatMap(([name, value]) => {
    const node = source.dereference(value);
    if (!isObject(node)) return [];
    const written = propertyEncoding(name, node, kind, source);
    return Object.keys(written).length === 1 ? [] : [written];
  });
}

function propertyEncoding(
  name: string,
  node: JsonObject,
  kind: 'form' | 'multipart',
  source: DocumentSource,
): PropertyEncoding {
  const contentType = memberText(node, 'contentType');
  const isStyled = ['style', 'explode', 'allowReserved'].some((key) => member(node, key) !== undefined);
  const headers = kind === 'multipart' ? partHeaders(node, source) : [];
  // A style wins over a content type; a part with a content type is content, also where it has a style.
  if (isStyled && (kind === 'form' || contentType === undefined)) return { name, ...styled(name, node, source) };
  return {
    name,
    ...(contentType === undefined ? {} : { contentType }),
    ...(headers.length === 0 ? {} : { headers }),
  };
}

function styled(name: string, node: JsonObject, source: DocumentSource): Omit<PropertyEncoding, 'name'> {
  const wanted = member(node, 'style');
  const style = styles.find((each) => each === wanted) ?? 'form';
  if (wanted !== undefined && wanted !== style)
    source.warn('encoding', `there is no style ${JSON.stringify(wanted)} for ${name}; form is used`, node);
  const explode = member(node, 'explode');
  return {
    style,
    ...(typeof explode === 'boolean' && explode !== (style === 'form') ? { explode } : {}),
    ...(member(node, 'allowReserved') === true ? { allowReserved: true } : {}),
  };
}

function partHeaders(node: JsonObject, source: DocumentSource): PartHeader[] {
  return Object.entries(memberObject(node, 'headers') ?? {}).flatMap(([name, value]) => {
    if (name.toLowerCase() === 'content-type') return [];
    const header = source.dereference(value);
    const written = onlyValue(source.convert(member(header, 'schema') ?? true));
    return [
      {
        name,
        ...(member(header, 'required') === true ? { required: true } : {}),
        ...(written === undefined ? {} : { value: written }),
      } satisfies PartHeader,
    ];
  });
}

function onlyValue(schema: unknown): string | undefined {
  const choices = member(schema, 'enum');
  const value = [
    member(schema, 'const'),
    Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined,
    member(schema, 'default'),
  ].find((each) => each !== undefined);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

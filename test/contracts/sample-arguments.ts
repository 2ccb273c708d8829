import { isFormMedia, isJsonMedia, type OperationDescription, type ParameterDescription } from '@frontage/contracts';
import { mediaKind, type CallArgs, type JsonSchema } from '@frontage/core';
import type { ContractSamples } from '@frontage/sandbox';

type Members = Record<string, unknown>;
type Resolve = (reference: string) => JsonSchema | undefined;

/**
 * Arguments that an operation takes: all parameters and a body, made up from their schemas.
 * @param media of the body; absent where the operation has none
 */
export function argumentsFor(
  operation: OperationDescription,
  media: string | undefined,
  samples: ContractSamples,
  resolve: Resolve,
): CallArgs {
  const groups = { path: {} as Members, query: {} as Members, header: {} as Members, cookie: {} as Members };
  // Members of an exploded object are parameters of their own: they go only where nothing else has their name.
  const taken = new Set(operation.parameters.map(({ name }) => name));
  for (const parameter of operation.parameters) {
    const value = valueOf(parameter, `${operation.id} ${parameter.name}`, samples, taken);
    if (value !== undefined) groups[parameter.in][parameter.name] = value;
  }
  const described = operation.body?.media.find((one) => one.media === media);
  if (media === undefined || described === undefined) return groups;
  const body = bodyOf(media, described.schema ?? true, operation.id, samples, resolve);
  return { ...groups, ...(body !== undefined && { body, contentType: concrete(media) }) };
}

function valueOf(
  parameter: ParameterDescription,
  seed: string,
  samples: ContractSamples,
  taken: ReadonlySet<string>,
): unknown {
  const made = samples.value(parameter.schema, seed, 'request');
  if (made === null) return parameter.required === true ? 'any' : undefined;
  const style = parameter.style ?? 'form';
  const isExploded = parameter.in === 'query' && (parameter.explode ?? style === 'form');
  if (parameter.content !== undefined || parameter.style === 'deepObject' || typeof made !== 'object') return made;
  if (Array.isArray(made)) {
    // A list in a style of spaces cannot hold any.
    const words = made.map((item: unknown) =>
      typeof item === 'string' && parameter.style === 'spaceDelimited' ? item.replaceAll(' ', '-') : item,
    );
    const items = words.filter((item) => isExploded || typeof item !== 'object');
    return items.length > 0 || parameter.required !== true ? items : ['any'];
  }
  // A member of a free object may have a name that reads as one more level, or a value that only an exploded style carries.
  const members = Object.entries(made).filter(
    ([name, member]) => !taken.has(name) && (typeof member !== 'object' || (isExploded && !/[.[\]]/.test(name))),
  );
  return Object.fromEntries(members);
}

function bodyOf(media: string, schema: JsonSchema, seed: string, samples: ContractSamples, resolve: Resolve): unknown {
  const kind = mediaKind(media);
  const made = samples.value(schema, seed, 'request');
  if (isFormMedia(media)) {
    const members = typeof made === 'object' && made !== null && !Array.isArray(made) ? made : {};
    return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, partOf(name, sendable(member))]));
  }
  if (isJsonMedia(media) || kind === 'ndjson') return made;
  if (kind === 'text') return typeof made === 'string' ? made : 'some text';
  return Buffer.from('some bytes');

  /** A form has no null: an item that may be anything is a text. */
  function sendable(member: unknown): unknown {
    return Array.isArray(member) ? member.map((item: unknown) => item ?? 'any') : member;
  }

  function partOf(name: string, member: unknown): unknown {
    if (kind !== 'multipart') return member;
    const property = propertyOf(schema, name, resolve);
    if (isBytes(property, resolve)) return Buffer.from('some bytes');
    return Array.isArray(member) && isBytes(followed(property, resolve)['items'], resolve)
      ? member.map(() => Buffer.from('some bytes'))
      : member;
  }
}

function propertyOf(schema: JsonSchema, name: string, resolve: Resolve): unknown {
  const { properties, allOf } = followed(schema, resolve);
  if (isMembers(properties) && Object.hasOwn(properties, name)) return properties[name];
  const parts = Array.isArray(allOf) ? allOf : [];
  return parts.map((part) => propertyOf(part as JsonSchema, name, resolve)).find((found) => found !== undefined);
}

const isBytes = (schema: unknown, resolve: Resolve): boolean => followed(schema, resolve)['format'] === 'binary';

function followed(schema: unknown, resolve: Resolve): Members {
  if (!isMembers(schema)) return {};
  const reference = schema['$ref'];
  return typeof reference === 'string' ? followed(resolve(reference), resolve) : schema;
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A media range is no media type of a body. */
const concrete = (media: string): string =>
  media.includes('*') ? (media.startsWith('image/') ? 'image/png' : 'application/octet-stream') : media;

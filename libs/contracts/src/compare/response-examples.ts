import { isObject, type JsonObject } from '../document/json.js';

/** A named example of a response. */
export interface NamedExample {
  readonly summary: string;
  readonly value: unknown;
}

/** The examples of a response: one, or several by name (OpenAPI 3.1 section 4.8.14.1). */
export type MediaExamples =
  { readonly example: unknown } | { readonly examples: Readonly<Record<string, NamedExample>> };

const methods: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'query']);

/** A copy of an OpenAPI document without the examples of its responses: they promise nothing to clients. */
export function withoutResponseExamples(document: unknown): unknown {
  return withMember(changedMedia(document, withoutExamples), 'components', (components) =>
    changedResponses(components, withoutExamples),
  );
}

/**
 * A copy of an OpenAPI document with these examples of successful responses, in the place of those before.
 * @param examples by method and path: `GET /orders/{id}`. `undefined` takes the example out; an operation that is not listed keeps its own.
 */
export function withResponseExamples(
  document: unknown,
  examples: ReadonlyMap<string, MediaExamples | undefined>,
): unknown {
  return changedMedia(document, (media, endpoint, status) =>
    examples.has(endpoint) && status.startsWith('2') ? { ...withoutExamples(media), ...examples.get(endpoint) } : media,
  );
}

/** The examples of each successful response, by method and path (`GET /orders/{id}`) and by name; a single one is `complete`. */
export function namedExamples(document: unknown): ReadonlyMap<string, ReadonlyMap<string, unknown>> {
  const found = new Map<string, ReadonlyMap<string, unknown>>();
  changedMedia(document, (media, endpoint, status) => {
    const { example, examples } = media;
    const named = Object.entries(isObject(examples) ? examples : {}).flatMap(([name, one]): [string, unknown][] =>
      isObject(one) ? [[name, one['value']]] : [],
    );
    const all = example === undefined ? named : [['complete', example] as const, ...named];
    if (status.startsWith('2') && all.length > 0) found.set(endpoint, new Map(all));
    return media;
  });
  return found;
}

/** The complete example of each successful response, by method and path. */
export const responseExamplesOf = (document: unknown): ReadonlyMap<string, unknown> =>
  new Map(
    [...namedExamples(document)].flatMap(([endpoint, examples]) =>
      examples.has('complete') ? [[endpoint, examples.get('complete')] as const] : [],
    ),
  );

/** The size of an example as it is sent. */
export interface ExampleSize {
  readonly bytes: number;
  /** Bytes of its members with their names, the largest first; empty where it is no object. */
  readonly members: readonly { readonly member: string; readonly bytes: number }[];
}

export function exampleSize(value: unknown): ExampleSize {
  const members = Object.entries(isObject(value) ? value : {}).map(([member, one]) => ({
    member,
    bytes: sizeOf({ [member]: one }) - 2,
  }));
  return { bytes: sizeOf(value), members: members.toSorted((one, other) => other.bytes - one.bytes) };
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const withoutExamples = ({ example: _example, examples: _examples, ...media }: JsonObject): JsonObject => media;

type Change = (media: JsonObject, endpoint: string, status: string) => JsonObject;

function changedMedia(document: unknown, change: Change): unknown {
  return withMember(document, 'paths', (paths) =>
    eachMember(paths, (item, path) =>
      eachMember(item, (operation, method) =>
        methods.has(method)
          ? changedResponses(operation, (media, status) => change(media, `${method.toUpperCase()} ${path}`, status))
          : operation,
      ),
    ),
  );
}

/** @param owner an operation, or the components of a document */
function changedResponses(owner: unknown, change: (media: JsonObject, name: string) => JsonObject): unknown {
  return withMember(owner, 'responses', (responses) =>
    eachMember(responses, (response, status) =>
      withMember(response, 'content', (content) =>
        eachMember(content, (media) => (isObject(media) ? change(media, status) : media)),
      ),
    ),
  );
}

/** The same object with another value of a member that it has, in the same order. */
function withMember(value: unknown, name: string, change: (member: unknown) => unknown): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? { ...value, [name]: change(value[name]) } : value;
}

function eachMember(value: unknown, change: (member: unknown, name: string) => unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member, name)]));
}

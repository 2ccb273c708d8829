import fc from 'fast-check';
import type { DocumentedOperation, Parameter } from './documented-operations.js';
import { invalid, invalidText, valid, type Json } from './input-arbitrary.js';

/** A request as its bytes will be. */
export interface DrawnRequest {
  /** The mistake in it; undefined for a valid request. */
  readonly flaw: 'input' | 'body' | 'token' | undefined;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly token: TokenKind;
}

export type TokenKind = 'good' | 'none' | 'garbage' | 'expired' | 'other_app' | 'no_scope';

/** Values by parameter or member name that mean something to the services. */
export type KnownValues = Readonly<Record<string, readonly unknown[]>>;

/** Requests as the document allows them. */
export function goodRequests(operation: DocumentedOperation, known: KnownValues): fc.Arbitrary<DrawnRequest> {
  const values = fc.record(
    Object.fromEntries(operation.parameters.map((one) => [keyOf(one), valid(one.schema, known[one.name])])),
    { requiredKeys: operation.parameters.filter(({ required }) => required).map(keyOf) },
  );
  const body =
    operation.body === undefined
      ? fc.constant(undefined)
      : fc.oneof(valid(operation.body), knownBodies(operation.body, known)).map((value) => JSON.stringify(value));
  return fc.record({ values, body }).map((drawn) => requestOf(operation, drawn.values, drawn.body, 'good', undefined));
}

/** Bodies whose members are the values that services know, wherever there are some. */
function knownBodies(schema: Json, known: KnownValues): fc.Arbitrary<unknown> {
  const fill = (own: Json, name: string): fc.Arbitrary<unknown> => {
    if (own['type'] === 'object') {
      const members = Object.entries((own['properties'] ?? {}) as Readonly<Record<string, Json>>);
      return fc.record(Object.fromEntries(members.map(([key, inner]) => [key, fill(inner, key)])), {
        requiredKeys: (own['required'] ?? []) as string[],
      });
    }
    if (own['type'] === 'array')
      return fc.array(fill((own['items'] ?? {}) as Json, name), { minLength: 1, maxLength: 3 });
    return valid(own, known[name]);
  };
  return fill(schema, '');
}

/** Requests with one thing wrong: a parameter, the body, its encoding, or the token. */
export function badRequests(operation: DocumentedOperation, known: KnownValues): fc.Arbitrary<DrawnRequest> {
  const { parameters, body } = operation;
  const spoilt = parameters.flatMap((one) => {
    // An empty path segment is another path.
    const texts = one.in === 'path' ? undefined : invalidText(one.schema);
    const long = one.in === 'path' && 'maxLength' in one.schema ? fc.constant('x'.repeat(95)) : undefined;
    const wrong = texts ?? long;
    return wrong === undefined ? [] : [wrong.map((text) => ({ [keyOf(one)]: text }))];
  });
  const missing = parameters.filter(({ required, in: place }) => required && place !== 'path').map(keyOf);
  const good = goodRequests(operation, known);
  const tokens = fc
    .tuple(good, fc.constantFrom<TokenKind>('none', 'garbage', 'expired', 'other_app', 'no_scope'))
    .map(([request, token]): DrawnRequest => ({ ...request, token, flaw: 'token' }));
  const kinds: fc.Arbitrary<DrawnRequest>[] = [tokens];
  for (const wrong of spoilt) {
    kinds.push(
      fc
        .tuple(baseValues(operation, known), wrong, goodBody(operation, known))
        .map(([values, over, text]) => requestOf(operation, { ...values, ...over }, text, 'good', 'input')),
    );
  }
  for (const key of missing) {
    kinds.push(
      fc
        .tuple(baseValues(operation, known), goodBody(operation, known))
        .map(([values, text]) => requestOf(operation, { ...values, [key]: undefined }, text, 'good', 'input')),
    );
  }
  if (body !== undefined) {
    const texts = fc.oneof(
      invalid(body).map((value) => JSON.stringify(value) ?? ''),
      fc.constantFrom('', '{', '{"a":1}}', 'null', '[]', '"text"', '\u0000', '['.repeat(5000), '{"__proto__":{"x":1}}'),
    );
    kinds.push(
      fc.tuple(good, texts).map(([request, text]): DrawnRequest => ({ ...request, body: text, flaw: 'body' })),
    );
    const media = fc.constantFrom(
      'text/plain',
      'application/xml',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      '',
    );
    kinds.push(
      fc.tuple(good, media).map(([request, type]): DrawnRequest => ({
        ...request,
        headers: { ...request.headers, 'content-type': type },
        flaw: 'body',
      })),
    );
  }
  return fc.oneof(...kinds);
}

/** A request in which everything is wrong that can be, and where the errors have to point. */
export function wholeWrong(operation: DocumentedOperation): {
  readonly request: DrawnRequest;
  readonly pointers: readonly string[];
} {
  const values: Record<string, string> = {};
  const pointers: string[] = [];
  for (const parameter of operation.parameters) {
    // A path segment is short, or no router takes it.
    const [text] =
      parameter.in === 'path'
        ? ['x'.repeat(95)]
        : fc.sample(invalidText(parameter.schema) ?? fc.constant(''), { numRuns: 1, seed: 7 });
    if (text === undefined) continue;
    values[keyOf(parameter)] = text;
    pointers.push(`/${parameter.in}/${parameter.name}`);
  }
  const members = Object.entries((operation.body?.['properties'] ?? {}) as Readonly<Record<string, Json>>);
  const body = members.map(([name, own]) => [name, own['type'] === 'string' ? 7 : 'x'] as const);
  pointers.push(...members.map(([name]) => `/body/${name}`));
  const text = operation.body === undefined ? undefined : JSON.stringify(Object.fromEntries(body));
  return { request: requestOf(operation, values, text, 'good', 'input'), pointers };
}

const keyOf = ({ in: place, name }: Parameter): string => `${place} ${name}`;

const baseValues = ({ parameters }: DocumentedOperation, known: KnownValues): fc.Arbitrary<Json> =>
  fc.record(
    Object.fromEntries(
      parameters.filter(({ required }) => required).map((one) => [keyOf(one), valid(one.schema, known[one.name])]),
    ),
  );

const goodBody = ({ body }: DocumentedOperation, known: KnownValues): fc.Arbitrary<string | undefined> =>
  body === undefined ? fc.constant(undefined) : knownBodies(body, known).map((value) => JSON.stringify(value));

function requestOf(
  operation: DocumentedOperation,
  values: Json,
  body: string | undefined,
  token: TokenKind,
  flaw: DrawnRequest['flaw'],
): DrawnRequest {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const query: string[] = [];
  let path = operation.path;
  for (const parameter of operation.parameters) {
    const value = values[keyOf(parameter)];
    if (value === undefined) continue;
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encoded(value));
    else if (parameter.in === 'header') headers[parameter.name] = textOf(value).replaceAll(/[^\x20-\x7e]/g, '_');
    else for (const one of [value].flat()) query.push(`${parameter.name}=${encoded(one)}`);
  }
  return {
    flaw,
    method: operation.method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body,
    token,
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const encoded = (value: unknown): string => encodeURIComponent(textOf(value).toWellFormed());

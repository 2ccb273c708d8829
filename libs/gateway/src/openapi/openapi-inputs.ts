import { bodyMediaOf, formMembersOf, isContractInput, parametersOf, type Schema } from '@frontage/aggregation';
import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;
type Input = Schema<unknown>;

/**
 * JSON Schema of what a client may send; undefined for input that does not come from the request. Schemas that it defines become components:
 * those of a contract under their own names, others under the name of the plan.
 * @param components of the document
 */
export function inputSchema(
  input: Input | undefined,
  plan: string,
  components: Record<string, unknown>,
): Json | undefined {
  const json = input === undefined ? undefined : jsonSchemaOf(input);
  if (input === undefined || json === undefined) return undefined;
  const { $schema: _dialect, $defs: definitions, ...own } = json;
  if (!isObject(definitions)) return own;
  const nameOf = (name: string): string => (isContractInput(input) ? name : `${plan}.${name}`);
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        key === '$ref' && typeof member === 'string' && member.startsWith(start)
          ? `#/components/schemas/${nameOf(member.slice(start.length))}`
          : rename(member),
      ]),
    );
  };
  for (const [name, definition] of Object.entries(definitions)) components[nameOf(name)] = rename(definition);
  const renamed = rename(own);
  return isObject(renamed) ? renamed : undefined;
}

const start = '#/$defs/';

function jsonSchemaOf(input: Input): Json | undefined {
  if (input instanceof z.ZodType) return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const standard: object = input['~standard'];
  const converter: unknown = 'jsonSchema' in standard ? standard.jsonSchema : undefined;
  if (!isObject(converter) || typeof converter['input'] !== 'function') return undefined;
  const json: unknown = converter['input']({ target: 'draft-2020-12' });
  return isObject(json) ? json : undefined;
}

/** The content of a request body: its media type, its schema, and the media types of the parts of a form. */
export function bodyContent(input: Input | undefined, schema: Json): Json {
  const media = (input === undefined ? undefined : bodyMediaOf(input)) ?? 'application/json';
  const parts = [...((input && formMembersOf(input)) ?? [])].filter(([, { types }]) => types.length > 0);
  const encoding = Object.fromEntries(parts.map(([name, { types }]) => [name, { contentType: types.join(', ') }]));
  return { [media]: { schema, ...(parts.length > 0 && { encoding }) } };
}

/** True if a client may leave the body out. */
export const mayBeAbsent = (input: Input | undefined): boolean =>
  input !== undefined && isContractInput(input) && !('issues' in input['~standard'].validate(undefined));

/** A group of parameters as parameters of their own, written in the styles of the contract that they are taken from. */
export function inputParameters(
  place: 'path' | 'query' | 'header',
  schema: Json | undefined,
  input: Input | undefined,
): Json[] {
  const properties = (schema?.['properties'] ?? {}) as Json;
  const required = (schema?.['required'] ?? []) as readonly string[];
  const specs = input === undefined ? undefined : parametersOf(input);
  return Object.entries(properties).map(([name, own]) => {
    const { style, explode, content } = specs?.find((spec) => spec.name === name) ?? {};
    const [example] = isObject(own) && Array.isArray(own['examples']) ? own['examples'] : [];
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(style !== undefined && { style }),
      ...(explode !== undefined && { explode }),
      ...(content === undefined ? { schema: own } : { content: { [content]: { schema: own } } }),
      // Readers of documents show an example of the parameter, and not those of its schema.
      ...(content === undefined && example !== undefined && { example }),
    };
  });
}

const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

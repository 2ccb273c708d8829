import {
  bodySchemaOf,
  mediaKind,
  type BodySpec,
  type JsonSchema,
  type Method,
  type Operation,
  type ParameterPlace,
  type ParameterSpec,
} from '@frontage/core';
import { schemaMapIn } from '../schema/schema-reading.js';
import { InputOfContract, type ContractInput, type QueryInput } from './contract-input.js';
import { formMembers, type FormMember } from './form-members.js';
import { partsOf, RequestSchemas } from './request-schema.js';

type Json<In> = 'contentType' extends keyof In
  ? In extends { readonly contentType?: infer Media }
    ? NonNullable<Media> extends `${string}json${string}`
      ? In
      : never
    : never
  : In;
/** The input that is sent as JSON, where the contract takes several media types. */
type JsonOf<In> = [In extends unknown ? Json<In> : never] extends [never] ? In : In extends unknown ? Json<In> : never;
type BodyIn<In> = JsonOf<In> extends infer J ? (J extends { readonly body?: infer B } ? B : never) : never;
type KeysOf<In> = In extends unknown ? keyof In : never;

/** The input that the contract lets an operation take, as schemas for the input of an endpoint: the body itself, and the groups of parameters. */
export type InputOfOperation<In> = ('body' extends KeysOf<In> ? ContractInput<BodyIn<In>> : unknown) & {
  readonly [G in Extract<KeysOf<In>, 'path' | 'header'>]: ContractInput<NonNullable<GroupIn<In, G>>>;
} & {
  readonly [G in Extract<KeysOf<In>, 'query'>]: QueryInput<NonNullable<GroupIn<In, G>>>;
};
type GroupIn<In, G> = In extends unknown ? (G extends keyof In ? In[G] : never) : never;

/**
 * The input of an operation, validated by the schemas of its contract: no schema of an upstream is written again by hand.
 *
 * ```ts
 * const orderPlan = plan('web.order', { input: { body: inputOf(orders.createOrder).omit('customerId') }, deadlineMs: 800 }, ({ body }) => ...);
 * const listPlan = plan('web.orders', { input: { query: inputOf(orders.listOrders).query.pick('limit') }, deadlineMs: 800 }, ...);
 * ```
 *
 * Members that only responses have (`readOnly`) are not asked for, and members that the contract does not declare go no further. A hand-written
 * handler calls `['~standard'].validate(value)`, which returns at once.
 * @throws {TypeError} where the client was generated before schemas of inputs had names
 */
export function inputOf<In, Out, E, M extends Method>(operation: Operation<In, Out, E, M>): InputOfOperation<In> {
  const { contract, id, inputs = {}, parameters = [], body } = operation;
  const schemas = new RequestSchemas(contract);
  const group = (place: ParameterPlace): InputOfContract | undefined => {
    const name = inputs[place];
    if (name === undefined) return undefined;
    const own = parameters.filter((spec) => spec.in === place);
    const isOptional = own.every(({ required }) => required !== true);
    return new InputOfContract({
      text: `${id}.${place}`,
      schema: schemas.named(name),
      schemas,
      parameters: own,
      isOptional,
    });
  };
  const groups = { path: group('path'), query: group('query'), header: group('header') };
  const present = Object.fromEntries(Object.entries(groups).filter(([, made]) => made !== undefined));
  if (body === undefined) return typed(present);
  const media = body.media.find((one) => mediaKind(one) === 'json') ?? body.media[0] ?? '';
  const kind = mediaKind(media);
  const isForm = kind === 'multipart' && /^multipart\/form-data\b/i.test(media);
  if (kind !== 'json' && kind !== 'form' && kind !== 'text' && !isForm) return typed(withoutBody(present, id, media));
  const name = bodySchemaOf(body, media);
  const own: JsonSchema = name === undefined ? true : { $ref: schemas.referenceTo(name) };
  const schema: JsonSchema = kind === 'text' ? { type: 'string', allOf: [own] } : own;
  const parts = isForm ? formMembers(body, media, schema, schemas) : undefined;
  const made = new InputOfContract({
    text: `${id}.body`,
    schema,
    schemas,
    media,
    ...(kind === 'form' && { form: formOf(body, media, schema, schemas) }),
    ...(parts !== undefined && { parts, form: textParts(parts) }),
    isOptional: body.required !== true,
  });
  return typed(Object.assign(made, present));
}

/** The parts of a form that are no files: text becomes the values of the contract; JSON has been read before. */
const textParts = (parts: ReadonlyMap<string, FormMember>): readonly ParameterSpec[] =>
  [...parts].flatMap(([name, { isFile, isJson }]) =>
    isFile ? [] : [{ name, in: 'query' as const, ...(isJson && { content: 'application/json' }) }],
  );

/** The groups of an operation whose body no screen takes: bytes, and parts without names. */
function withoutBody(groups: object, id: string, media: string): object {
  return Object.defineProperty({ ...groups }, '~standard', {
    get: () => {
      throw new TypeError(
        `inputOf(${id}): its body is ${media}, which a screen does not take as an input: take it in a hand-written handler`,
      );
    },
  });
}

/** The members of a form are written as parameters of a query are. */
function formOf(
  { encoding = [] }: BodySpec,
  media: string,
  schema: JsonSchema,
  schemas: RequestSchemas,
): readonly ParameterSpec[] {
  const names = new Set(partsOf(schema, schemas).flatMap((part) => [...schemaMapIn(part, 'properties').keys()]));
  return [...names].map((name) => {
    const own = encoding.find((each) => each.name === name && (each.media ?? media) === media);
    const { style, explode, contentType } = own ?? {};
    const isJson = style === undefined && contentType !== undefined && mediaKind(contentType) === 'json';
    return {
      name,
      in: 'query',
      ...(style !== undefined && { style }),
      ...(explode !== undefined && { explode }),
      ...(isJson && { content: contentType }),
    };
  });
}

/** The types follow from the operation, the schemas from its contract: the compiler cannot see that both are one document. */
const typed = (made: object): never => made as never;

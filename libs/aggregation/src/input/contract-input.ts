import type { JsonSchema, ParameterSpec } from '@frontage/core';
import type { Schema, SchemaResult } from '../model/schema.js';
import { schemaMapIn, type SchemaObject } from '../schema/schema-reading.js';
import { compileCheck } from './check-value.js';
import { JoinedInput } from './joined-input.js';
import { DeclaredMembers } from './keep-declared.js';
import { withoutFiles, type FormMember } from './form-members.js';
import type { KnownMember, OmitMember, PickMember } from './member-paths.js';
import { membersOf, narrowed } from './narrowed-schema.js';
import { compileGroup } from './read-parameters.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** A part of the input of an endpoint, as the contract of an upstream has it. A Standard Schema; it validates at once. */
export interface ContractInput<T> extends Schema<T> {
  /**
   * Only these members, by name or by path: `pick('note', 'lines.sku')` has lines with the sku alone.
   * @throws {TypeError} for one that the contract does not declare
   */
  pick<const K extends readonly string[]>(...members: Known<T, K>): ContractInput<PickMember<T, K[number]>>;
  /**
   * All members but these, by name or by path: `omit('customerId', 'lines.price')`.
   * @throws {TypeError} for one that the contract does not declare
   */
  omit<const K extends readonly string[]>(...members: Known<T, K>): ContractInput<OmitMember<T, K[number]>>;
  /** The members of both, such as parameters of two operations. A name that both have fits both schemas. */
  and<U>(other: ContractInput<U>): BothInputs<T & U>;
}

/** The members of several inputs. */
export interface BothInputs<out T> extends Schema<T> {
  and<U>(other: ContractInput<U>): BothInputs<T & U>;
}

/** Parameters of a query, which may take others than those that the contract declares. */
export interface QueryInput<T> extends ContractInput<T> {
  pick<const K extends readonly string[]>(...members: Known<T, K>): QueryInput<PickMember<T, K[number]>>;
  omit<const K extends readonly string[]>(...members: Known<T, K>): QueryInput<OmitMember<T, K[number]>>;
  /**
   * Parameters without a declaration stand in the member `rest`, as text or lists of text; without this they are dropped. A call passes them
   * on by declaration, too: `required(shop.search, { query: { q: query.q }, rest: query.rest })`.
   */
  rest(): ContractInput<T & { readonly rest: Readonly<Record<string, string | string[]>> }>;
}

type Known<T, K extends readonly string[]> = {
  readonly [I in keyof K]: K[I] extends KnownMember<T, K[I]> ? K[I] : KnownMember<T, K[I]>;
};

interface Draft {
  /** In messages: `createOrder.body`. */
  readonly text: string;
  readonly schema: JsonSchema;
  readonly schemas: RequestSchemas;
  /** Of a group of parameters. */
  readonly parameters?: readonly ParameterSpec[];
  readonly rest?: string;
  /** Of a body: the media type that the contract has for it. */
  readonly media?: string;
  /** Of a body that is a form: how its members are written, as parameters. */
  readonly form?: readonly ParameterSpec[];
  /** Of a multipart body: how the parts of its members are read. */
  readonly parts?: ReadonlyMap<string, FormMember>;
  /** True if the contract lets it be left out. */
  readonly isOptional: boolean;
}

const mediaByInput = new WeakMap<object, string>();

/** The media type of a body that `inputOf` made; undefined for any other schema. */
export const bodyMediaOf = (schema: object): string | undefined => mediaByInput.get(schema);

const parametersByInput = new WeakMap<object, readonly ParameterSpec[]>();

/** The parameters of a group that `inputOf` made, with the styles of the contract; undefined for any other schema. */
export const parametersOf = (schema: object): readonly ParameterSpec[] | undefined => parametersByInput.get(schema);

const partsByInput = new WeakMap<object, ReadonlyMap<string, FormMember>>();
/** The members of a multipart body that `inputOf` made; undefined for any other schema. */
export const formMembersOf = (schema: object): ReadonlyMap<string, FormMember> | undefined => partsByInput.get(schema);

/** True if `inputOf` made the schema. */
export const isContractInput = (schema: object): boolean =>
  schema instanceof InputOfContract || schema instanceof InputOfContracts;

type Validate = (value: unknown) => SchemaResult<never>;

/** One class for bodies and groups: its type is a phantom that follows from the operation. */
export class InputOfContract implements QueryInput<never> {
  readonly '~standard': Schema<never>['~standard'] & {
    readonly version: 1;
    readonly vendor: 'frontage';
    readonly validate: Validate;
    readonly jsonSchema: { readonly input: () => SchemaObject; readonly output: () => SchemaObject };
  };
  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
    const document = draft.schemas.document(draft.schema);
    let validate: Validate | undefined;
    this['~standard'] = {
      version: 1,
      vendor: 'frontage',
      validate: (value) => (validate ??= compileInput(draft, document))(value),
      jsonSchema: { input: () => document, output: () => document },
    };
    if (draft.parameters !== undefined) parametersByInput.set(this, draft.parameters);
    if (draft.media !== undefined) mediaByInput.set(this, draft.media);
    if (draft.parts !== undefined) partsByInput.set(this, draft.parts);
  }

  pick(...members: readonly string[]): InputOfContract {
    return this.#narrowed('pick', members);
  }

  omit(...members: readonly string[]): InputOfContract {
    return this.#narrowed('omit', members);
  }

  rest(): InputOfContract {
    if (this.#draft.parameters?.some(({ name }) => name === 'rest') === true)
      throw new TypeError(`rest() of ${this.#draft.text}: the contract has a parameter 'rest' of its own`);
    return new InputOfContract({ ...this.#draft, rest: 'rest' });
  }

  and(other: ContractInput<unknown>): InputOfContracts {
    return new InputOfContracts([this, other]);
  }

  #narrowed(verb: 'pick' | 'omit', names: readonly string[]): InputOfContract {
    const { parameters, parts, ...draft } = this.#draft;
    const { text, schemas } = draft;
    const schema = narrowed([draft.schema], names, { verb, text, schemas });
    const kept = membersOf(partsOf(schema, schemas));
    return new InputOfContract({
      ...draft,
      schema,
      ...(parameters !== undefined && { parameters: parameters.filter(({ name }) => kept.has(name)) }),
      ...(parts !== undefined && { parts: new Map([...parts].filter(([name]) => kept.has(name))) }),
    });
  }
}

/** Several inputs of contracts as one. */
class InputOfContracts extends JoinedInput implements BothInputs<never> {
  readonly #inputs: readonly ContractInput<unknown>[];

  constructor(inputs: readonly ContractInput<unknown>[]) {
    super(
      inputs.filter((one) => one instanceof InputOfContract),
      inputs.flatMap((one) => parametersOf(one) ?? []),
    );
    this.#inputs = inputs;
    parametersByInput.set(this, this.parameters);
  }

  and(other: ContractInput<unknown>): InputOfContracts {
    return new InputOfContracts([...this.#inputs, other]);
  }
}

function compileInput(draft: Draft, document: SchemaObject): Validate {
  const { schema, schemas, rest, isOptional, parts } = draft;
  const parameters = draft.parameters ?? draft.form;
  const check = compileCheck(parts === undefined ? document : withoutFiles(document));
  const keep = new DeclaredMembers(schemas).of([schema]);
  const members = new Map(partsOf(schema, schemas).flatMap((part) => [...schemaMapIn(part, 'properties')]));
  const read =
    parameters === undefined
      ? (value: unknown) => value
      : compileGroup({ parameters, schemaOf: (name) => members.get(name) ?? true, schemas, rest });
  const files = [...(parts ?? [])].filter(([, { isFile }]) => isFile);
  return (sent) => {
    if (sent === undefined && isOptional) return trusted(sent);
    if (sent === undefined) return { issues: [{ message: 'The value is missing.' }] };
    const value = read(sent);
    const held = files.length === 0 ? undefined : filesIn(sent, files);
    const issues = check(held === undefined ? value : { ...Object(value), ...standIns(held, files) });
    if (issues.length > 0) return { issues };
    const kept = keep(value);
    if (held !== undefined) return trusted({ ...Object(kept), ...held });
    if (rest === undefined) return trusted(kept);
    return trusted({ ...Object(kept), [rest]: Reflect.get(Object(value), rest) });
  };
}

type FileMembers = readonly (readonly [name: string, member: FormMember])[];

/** The files of a form go on as they are. */
const filesIn = (sent: unknown, members: FileMembers): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    members.flatMap(([name]) => {
      const file: unknown = Object.hasOwn(Object(sent), name) ? Reflect.get(Object(sent), name) : undefined;
      return file === undefined ? [] : [[name, file]];
    }),
  );

/**
 * The value in the place of files while the rest of a form is checked: their bytes are no value of a schema, and how many there are is
 * known when the last one has arrived.
 */
const standIns = (files: Readonly<Record<string, unknown>>, members: FileMembers): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    members.flatMap(([name, { atLeast }]) => {
      const file = files[name];
      if (file === undefined) return [];
      return [[name, Array.isArray(file) ? Array.from({ length: Math.max(atLeast, file.length) }, () => 0) : 0]];
    }),
  );

/** The schema is the type: both are made from one contract. */
const trusted = (value: unknown): SchemaResult<never> => ({ value: value as never });

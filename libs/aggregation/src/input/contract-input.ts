import type { JsonSchema, ParameterSpec } from '@frontage/core';
import type { Schema, SchemaResult } from '../model/schema.js';
import { schemaMapIn, textsIn, type SchemaObject } from '../schema/schema-reading.js';
import { compileCheck } from './check-value.js';
import { JoinedInput } from './joined-input.js';
import { DeclaredMembers } from './keep-declared.js';
import { withoutFiles, type FormMember } from './form-members.js';
import { compileGroup } from './read-parameters.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** A part of the input of an endpoint, as the contract of an upstream has it. A Standard Schema; it validates at once. */
export interface ContractInput<out T> extends Schema<T> {
  /** Only these members. @throws {TypeError} for one that the contract does not declare */
  pick<const K extends MemberOf<T>>(...members: readonly K[]): ContractInput<PickMember<T, K>>;
  /** All members but these. @throws {TypeError} for one that the contract does not declare */
  omit<const K extends MemberOf<T>>(...members: readonly K[]): ContractInput<OmitMember<T, K>>;
  /** The members of both, such as parameters of two operations. A name that both have fits both schemas. */
  and<U>(other: ContractInput<U>): BothInputs<T & U>;
}

/** The members of several inputs. */
export interface BothInputs<out T> extends Schema<T> {
  and<U>(other: ContractInput<U>): BothInputs<T & U>;
}

/** Parameters of a query, which may take others than those that the contract declares. */
export interface QueryInput<out T> extends ContractInput<T> {
  pick<const K extends MemberOf<T>>(...members: readonly K[]): QueryInput<PickMember<T, K>>;
  omit<const K extends MemberOf<T>>(...members: readonly K[]): QueryInput<OmitMember<T, K>>;
  /**
   * Parameters without a declaration stand in the member `rest`, as text or lists of text; without this they are dropped. A call passes them
   * on by declaration, too: `required(shop.search, { query: { q: query.q }, rest: query.rest })`.
   */
  rest(): ContractInput<T & { readonly rest: Readonly<Record<string, string | string[]>> }>;
}

type MemberOf<T> = T extends unknown ? keyof T & string : never;
type PickMember<T, K> = T extends unknown ? { [P in keyof T as P extends K ? P : never]: T[P] } : never;
type OmitMember<T, K> = T extends unknown ? { [P in keyof T as P extends K ? never : P]: T[P] } : never;

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
  /** Whether the contract lets it be left out. */
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

/** Whether `inputOf` made the schema. */
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
    this.#checkNames('pick', members);
    return this.#only((name) => members.includes(name));
  }

  omit(...members: readonly string[]): InputOfContract {
    this.#checkNames('omit', members);
    return this.#only((name) => !members.includes(name));
  }

  rest(): InputOfContract {
    if (this.#draft.parameters?.some(({ name }) => name === 'rest') === true)
      throw new TypeError(`rest() of ${this.#draft.text}: the contract has a parameter 'rest' of its own`);
    return new InputOfContract({ ...this.#draft, rest: 'rest' });
  }

  and(other: ContractInput<unknown>): InputOfContracts {
    return new InputOfContracts([this, other]);
  }

  #checkNames(verb: string, members: readonly string[]): void {
    const { text } = this.#draft;
    const known = [...this.#members().keys()];
    if (known.length === 0)
      throw new TypeError(
        `${verb}(...) of ${text}: its schema is no object with members of its own, such as a choice of several`,
      );
    const unknown = members.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw new TypeError(`${verb}(...) of ${text}: it has no member '${unknown}'; it has ${known.join(', ')}`);
  }

  /** The members with all that the parts of the schema say of them. */
  #members(): ReadonlyMap<string, readonly JsonSchema[]> {
    const found = new Map<string, JsonSchema[]>();
    for (const part of this.#parts()) {
      for (const [name, schema] of schemaMapIn(part, 'properties'))
        found.set(name, [...(found.get(name) ?? []), schema]);
    }
    return found;
  }

  #parts(): readonly SchemaObject[] {
    return partsOf(this.#draft.schema, this.#draft.schemas);
  }

  #only(isKept: (name: string) => boolean): InputOfContract {
    const { parameters, parts, ...draft } = this.#draft;
    const required = new Set(this.#parts().flatMap((part) => textsIn(part, 'required')));
    const members = [...this.#members()].filter(([name]) => isKept(name));
    const schema: JsonSchema = {
      type: 'object',
      required: members.flatMap(([name]) => (required.has(name) ? [name] : [])),
      properties: Object.fromEntries(
        members.map(([name, [only = true, ...others]]) => [
          name,
          others.length === 0 ? only : { allOf: [only, ...others] },
        ]),
      ),
    };
    return new InputOfContract({
      ...draft,
      schema,
      ...(parameters !== undefined && { parameters: parameters.filter(({ name }) => isKept(name)) }),
      ...(parts !== undefined && { parts: new Map([...parts].filter(([name]) => isKept(name))) }),
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
 * What stands in the place of files while the rest of a form is checked: their bytes are no value of a schema, and how many there are is
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

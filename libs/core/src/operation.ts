/**
 * The generated description of an operation of a contract, shared by plans, clients and the sandbox: plain data plus one phantom
 * member that carries the types. Terms are those of OpenAPI 3.1.
 */
export type Method = SafeMethod | 'PUT' | 'POST' | 'DELETE' | 'PATCH' | AdditionalMethod;

/** Safe by definition, as the IANA registry of methods has it; QUERY is a GET whose question travels in the body (OpenAPI 3.2). */
export type SafeMethod = 'GET' | 'HEAD' | 'OPTIONS' | 'TRACE' | 'QUERY' | 'PROPFIND' | 'REPORT' | 'SEARCH';

/** Methods that remove something by definition: no mark makes them safe. */
export type RemovingMethod = 'DELETE' | 'MOVE' | 'PURGE' | 'UNLINK';

/** Methods that OpenAPI 3.2 allows under `additionalOperations`, as far as HTTP/1.1 of Node.js supports them. */
type AdditionalMethod = WebDavMethod | 'LINK' | 'UNLINK' | 'NOTIFY' | 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'PURGE';
type WebDavMethod = 'COPY' | 'LOCK' | 'MKCOL' | 'MOVE' | 'PROPPATCH' | 'UNLOCK';

const safe: readonly SafeMethod[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'REPORT', 'SEARCH'];
const removing: readonly RemovingMethod[] = ['DELETE', 'MOVE', 'PURGE', 'UNLINK'];

/** Methods that change nothing by definition (RFC 9110 section 9.2.1). */
export const safeMethods: ReadonlySet<Method> = new Set<Method>(safe);
export const removingMethods: ReadonlySet<Method> = new Set<Method>(removing);

export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie';
export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';

export interface ParameterSpec {
  readonly name: string;
  readonly in: ParameterPlace;
  readonly required?: true;
  /** Left out where it is the default of its place: `simple` in path and header, `form` in query and cookie. */
  readonly style?: ParameterStyle;
  /** Left out where it is the default of its style: true for `form`, false for the others. */
  readonly explode?: boolean;
  readonly allowReserved?: true;
  /** Set where the contract says `content` instead of `schema`: the value travels encoded as this media type. */
  readonly content?: string;
  /** The value, or each item of it, is an integer of 64 bits: it may be given as text or as a bigint. */
  readonly integer64?: IntegerFormat;
  /**
   * The form of a required list without items: the name with an empty value (`allowEmptyValue` of the contract), or not at all (the contract
   * states `minItems: 0`). Absent: such a call cannot be sent.
   */
  readonly emptyList?: 'name' | 'nothing';
}

/** Formats of integers that a double cannot hold. */
export type IntegerFormat = 'int64' | 'uint64';

/**
 * An integer of 64 bits in a request: a number up to 2^53 - 1, a bigint, or its digits as text. All of them are sent as a number, digit by
 * digit.
 */
export type Integer64 = number | bigint | string;

export interface BodySpec {
  readonly required?: true;
  /** In the order of the contract; the first is sent where the caller names none. `mediaKind` says how each is written. */
  readonly media: readonly string[];
  /** Name in the contract's schemas; absent where the contract gives none, or another per media type. */
  readonly schema?: string;
  /** Names in the contract's schemas by media type, where they differ. */
  readonly schemas?: Readonly<Record<string, string>>;
  /** The encoding of the properties of a form (`form` and `multipart`), where the contract says so. */
  readonly encoding?: readonly PropertyEncoding[];
}

/** The Encoding Object of one property (OpenAPI 3.1 section 4.8.15). */
export interface PropertyEncoding {
  readonly name: string;
  /** Only in a body of this media type; absent: in every form of this body. */
  readonly media?: string;
  /** Present where the contract states style, explode or allowReserved: the value is written as a query parameter of that style is. */
  readonly style?: Extract<ParameterStyle, 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject'>;
  /** Left out where it is the default of its style: true for `form`, false for the others. */
  readonly explode?: boolean;
  readonly allowReserved?: true;
  /** Media type of the part or value as the contract writes it: `image/png, image/jpeg` and `image/*` are possible. No `style` beside it. */
  readonly contentType?: string;
  /** Headers that a part has beside its content type. */
  readonly headers?: readonly PartHeader[];
}

export interface PartHeader {
  readonly name: string;
  readonly required?: true;
  /** The only value that the contract allows, or its default. */
  readonly value?: string;
}

export interface ResponseSpec {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  /** Absent: the response has no body. `mediaKind` says how it is read; it may be a range (`image/*`). */
  readonly media?: string;
  /** Content types, or ranges of such, under which the contract declares the same content: they are asked for and taken, too. */
  readonly also?: readonly string[];
  /** Name in the contract's schemas; absent where the contract gives no schema. */
  readonly schema?: string;
}

/** The name of the schema of a body that is sent as this media type. */
export const bodySchemaOf = ({ schema, schemas }: BodySpec, media: string): string | undefined =>
  schemas === undefined ? schema : Object.hasOwn(schemas, media) ? schemas[media] : undefined;

/** A header field of successful responses that can be read, by its name in the contract. Fields of one name are one list (RFC 9110 section 5.3). */
export interface ResponseHeaderSpec {
  readonly name: string;
  /** Every successful response has it. */
  readonly required?: true;
  /** Absent: a text. */
  readonly type?: 'integer' | 'number' | 'boolean';
  /** A list of such values, with commas between them. */
  readonly list?: true;
}

/** JSON Schema 2020-12, for every dialect of the contract. References read `#/components/schemas/<name>`. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** The schemas of one contract by name: components by their own name, responses as `<operationId>.<status>`. Parsed at first use. */
export class SchemaTable {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #parsed = new Map<string, JsonSchema>();

  constructor(texts: Iterable<readonly [name: string, json: string]>) {
    this.#texts = new Map(texts);
  }

  names(): Iterable<string> {
    return this.#texts.keys();
  }

  get(name: string): JsonSchema | undefined {
    const known = this.#parsed.get(name);
    if (known !== undefined) return known;
    const text = this.#texts.get(name);
    if (text === undefined) return undefined;
    const schema = JSON.parse(text) as JsonSchema;
    this.#parsed.set(name, schema);
    return schema;
  }
}

/** A contract violation of a response. */
export interface SchemaViolation {
  /** JSON Pointer (RFC 6901) into the response. */
  readonly instancePath: string;
  /** Of JSON Schema: `required`, `type`. */
  readonly keyword: string;
}

/** Holds a value against a schema; after `false`, `errors` say where it does not fit. */
export interface SchemaValidator {
  (value: unknown): boolean;
  errors?: readonly SchemaViolation[] | null;
}

/** The place of a secret in a request (Security Scheme Object, OpenAPI 3.1 section 4.8.27). OAuth 2.0 and OpenID Connect are `bearer`. */
export type SecurityScheme =
  { readonly kind: 'query' | 'header' | 'cookie'; readonly name: string } | { readonly kind: 'basic' | 'bearer' };

/** The contract of operations. `upstream` is the name under which `bff.yaml` gives its address and policy; `owner` is its team, `classified` names members whose values stay out of logs. */
export interface Contract {
  readonly upstream: string;
  readonly title: string;
  readonly version: string;
  readonly owner?: string;
  readonly classified?: readonly string[];
  readonly schemas: SchemaTable;
  /** By name: the secrets that its operations ask for. */
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  /** Validators of responses by the name of their schema, if they were generated. */
  readonly validators?: () => Promise<ReadonlyMap<string, SchemaValidator>>;
}

export interface OperationInfo<M extends Method = Method> {
  readonly contract: Contract;
  readonly id: string;
  readonly method: M;
  /** Path template of the contract: `/orders/{id}`. */
  readonly path: string;
  readonly owner?: string;
  /** Marked as safe, whatever its method: it only reads, like a search by POST. Absent for safe methods. */
  readonly safe?: true;
  readonly parameters?: readonly ParameterSpec[];
  /** Names in the contract's schemas: one object per group of parameters, with the parameters as its members. */
  readonly inputs?: Readonly<Partial<Record<ParameterPlace, string>>>;
  readonly body?: BodySpec;
  /** One per status and media type; those of one status stand together, JSON first. */
  readonly responses: readonly ResponseSpec[];
  /** Lists of security schemes: it takes any one list, with all schemes of it. Absent: the contract says nothing. */
  readonly security?: readonly (readonly string[])[];
  /** The headers that successful responses declare; absent without any. */
  readonly headers?: readonly ResponseHeaderSpec[];
  /** Addresses of its own, where the contract gives it others than its document: variables hold their defaults. May be relative. */
  readonly servers?: readonly string[];
}

declare const types: unique symbol;
/**
 * A typed operation.
 * @typeParam In the groups it takes: `{ path?, query?, header?, cookie?, body? }`
 * @typeParam Out the value of a successful response
 * @typeParam Errors the declared error bodies by status as text: `{ '404': Problem }`
 * @typeParam M its method: plans tell reads from writes by it
 * @typeParam Safe true where it is marked as safe, beside `safe: true`
 * @typeParam Headers the declared headers of a successful response
 */
export interface Operation<
  In,
  Out,
  Errors,
  M extends Method = Method,
  Safe extends boolean = boolean,
  Headers = unknown,
> extends OperationInfo<M> {
  readonly [types]?: readonly [In, Out, Errors, Safe, Headers];
}

/** True if an operation changes nothing, by its method or by its mark: it may be retried, cached and aborted freely. */
export const isSafe = ({ method, safe }: Pick<OperationInfo, 'method' | 'safe'>): boolean =>
  safe === true || safeMethods.has(method);

const marked = new WeakMap<OperationInfo, OperationInfo>();
/**
 * The same operation, marked as safe.
 * @throws {TypeError} for a method that removes something by definition
 */
export function markSafe(operation: OperationInfo): OperationInfo {
  if (isSafe(operation)) return operation;
  const { id, method } = operation;
  if (removingMethods.has(method))
    throw new TypeError(`${id} cannot be safe: ${method} removes something by definition; take the mark out`);
  const made = marked.get(operation) ?? { ...operation, safe: true };
  marked.set(operation, made);
  return made;
}

/** The values of one call, by parameter group, as the encoder takes them. */
export interface CallArgs {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly cookie?: Readonly<Record<string, unknown>>;
  /** Parameters of the query that the contract does not declare, by name: text, or lists of text. Those that it declares are left out. */
  readonly rest?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  /** Media type of the body, where the contract declares several. */
  readonly contentType?: string;
}

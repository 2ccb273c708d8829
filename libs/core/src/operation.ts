/**
 * What the generator writes per operation of a contract, and what plans, clients and the sandbox share: plain data plus one phantom
 * member that carries the types. Terms are those of OpenAPI 3.1.
 */
export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'PATCH' | 'TRACE';

/** Methods that change nothing (RFC 9110 section 9.2.1): these may be retried, cached and aborted freely. */
export const safeMethods: ReadonlySet<Method> = new Set<Method>(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

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
}

export interface BodySpec {
  readonly required?: true;
  /** In the order of the contract; the first is sent where the caller names none. */
  readonly media: readonly string[];
}

export interface ResponseSpec {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  /** Absent: the response has no body. */
  readonly media?: string;
  /** Name in the contract's schemas; absent where the contract gives no schema. */
  readonly schema?: string;
}

/** JSON Schema 2020-12, whatever dialect the contract was written in. References read `#/components/schemas/<name>`. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** The schemas of one contract by name: components by their own name, answers as `<operationId>.<status>`. Parsed when first asked for. */
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

/** The contract an operation belongs to. `upstream` is the name under which `bff.yaml` gives its address and policy. */
export interface Contract {
  readonly upstream: string;
  readonly title: string;
  readonly version: string;
  readonly schemas: SchemaTable;
}

export interface OperationInfo<M extends Method = Method> {
  readonly contract: Contract;
  readonly id: string;
  readonly method: M;
  /** Path template of the contract: `/orders/{id}`. */
  readonly path: string;
  readonly parameters?: readonly ParameterSpec[];
  readonly body?: BodySpec;
  readonly responses: readonly ResponseSpec[];
}

declare const types: unique symbol;

/**
 * A typed operation.
 * @typeParam In the groups it takes: `{ path?, query?, header?, cookie?, body? }`
 * @typeParam Out what a successful answer holds
 * @typeParam Errors the declared error bodies by status as text: `{ '404': Problem }`
 * @typeParam M its method: plans tell reads from writes by it
 */
export interface Operation<In, Out, Errors, M extends Method = Method> extends OperationInfo<M> {
  readonly [types]?: readonly [In, Out, Errors];
}

/** The values of one call, by parameter group, as the encoder takes them. */
export interface CallArgs {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly cookie?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** Media type of the body, where the contract declares several. */
  readonly contentType?: string;
}

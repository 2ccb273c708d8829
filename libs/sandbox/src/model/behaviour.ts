/** A request to an operation, validated against the contract and decoded into its types. */
export interface OperationRequest {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** By lower-case name. */
  readonly header: Readonly<Record<string, unknown>>;
  /** Parsed where it is JSON, lines of JSON, a form or declared text; undefined where there is no body, or only bytes. */
  readonly body: unknown;
}

export interface SandboxResponse {
  readonly status: number;
  /** Absent: no body. A Buffer is sent unchanged, a text too where `media` is no JSON, any other value as JSON. */
  readonly body?: unknown;
  /** @default application/json, or application/problem+json from status 400 on */
  readonly media?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes the responses of one operation. May keep state between calls; one sandbox calls it from one thread. */
export type OperationHandler = (request: OperationRequest) => SandboxResponse;

/** Handlers of one upstream by operation id. Operations without one use the examples and schemas of their contract. */
export type Behaviour = Readonly<Record<string, OperationHandler>>;

export const ok = (body: unknown): SandboxResponse => ({ status: 200, body });

/** An RFC 9457 response. */
export const problem = (
  status: number,
  title: string,
  more: Readonly<Record<string, unknown>> = {},
): SandboxResponse => ({
  status,
  body: { type: 'about:blank', title, status, ...more },
});

/** A parameter that the contract declares as a required string: the request was checked, so anything else is a bug in the sandbox. */
export function text(values: Readonly<Record<string, unknown>>, name: string): string {
  const value = values[name];
  if (typeof value !== 'string') throw new TypeError(`The contract does not make ${name} a required string.`);
  return value;
}

export function optionalText(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return values[name] === undefined ? undefined : text(values, name);
}

/** A number of the request, or the default of the contract. */
export function number(values: Readonly<Record<string, unknown>>, name: string, otherwise: number): number {
  const value = values[name];
  return typeof value === 'number' ? value : otherwise;
}

/** A list of strings of the request; undefined where it was left out. */
export function texts(values: Readonly<Record<string, unknown>>, name: string): readonly string[] | undefined {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A page of `items` and the cursor of the next one. Undefined for an unknown cursor. */
export function cursorPage<T>(
  items: readonly T[],
  cursor: string | undefined,
  limit: number,
): { readonly items: readonly T[]; readonly next: string | null } | undefined {
  const start = cursor === undefined ? 0 : Number(/^after-(\d{1,9})$/.exec(cursor)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) return undefined;
  const end = start + limit;
  return { items: items.slice(start, end), next: end < items.length ? `after-${end}` : null };
}

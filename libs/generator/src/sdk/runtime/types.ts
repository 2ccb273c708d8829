/** The status of a part that is missing, and what stands in for it: a member of `_parts`, or of the header `Frontage-Parts`. */
export interface PartReport {
  readonly status: string;
  readonly source: string;
  /** Age of a last good response, in milliseconds. */
  readonly ageMs?: number;
  /** For a list gathered by pages: the index from which on it is missing. */
  readonly from?: number;
}

/** The missing items of a list, by their index or key, each with its reason. */
export interface ItemsReport {
  readonly items: Readonly<Record<string, string>>;
}

export interface Responded {
  readonly status: number;
  readonly headers: ResponseHeaders;
}

/** Every part is there: a null is a null of the service, and an absent member is absent. */
export interface CompleteResult<Data> extends Responded {
  readonly kind: 'complete';
  readonly data: Data;
}

/** Parts are missing. Their members are null, absent or a fallback in `partialData`, and `missing` names the parts and the reasons. */
export interface PartialResult<Data, Missing> extends Responded {
  readonly kind: 'partial';
  readonly partialData: Data;
  readonly missing: Missing;
}

/** The BFF refused the request, or could not answer it (RFC 9457). */
export interface ProblemResult<Problem> extends Responded {
  readonly kind: 'problem';
  readonly problem: Problem;
  /** Milliseconds to wait, where the response has `Retry-After`. */
  readonly retryAfterMs: number | undefined;
}

/**
 * No response that the document lists. `invalid`: something else than the BFF responded, such as a proxy with a page of HTML. `unlisted`: a
 * problem whose code this operation does not list, which is the `error`; a newer BFF may have such ones.
 */
export interface FailedResult<Data = unknown> {
  readonly kind: 'failed';
  readonly reason: 'aborted' | 'deadline' | 'network' | 'invalid' | 'unlisted';
  readonly error: unknown;
  /** The last complete response to this request, where the client keeps some, and its age in milliseconds. */
  readonly last?: { readonly data: Data; readonly ageMs: number };
}

/** The result of an operation. A screen that can miss no part has no `partial`. */
export type Result<Data, Missing, Problem> =
  | CompleteResult<Data>
  | ([Missing] extends [never] ? never : PartialResult<Data, Missing>)
  | ProblemResult<Problem>
  | FailedResult<Data>;

/** A file to send: of a browser or Node, or of React Native. */
export type FilePart = Blob | { readonly uri: string; readonly name: string; readonly type: string };

export interface ClientOptions {
  /** The address of the BFF, without a slash at its end; empty for the origin of the page. */
  readonly baseUrl: string;
  /** Fields of every request, asked for each time: a token, or `x-csrf` for a BFF with sessions. */
  readonly headers?: () => Fields | Promise<Fields>;
  /** Cookies, as `fetch` takes it. @default that of fetch: `same-origin` */
  readonly credentials?: 'include' | 'omit' | 'same-origin';
  /** Milliseconds for a request with all its attempts, up to the last byte of the response. @default 10 000 */
  readonly deadlineMs?: number;
  /** Attempts of a request at most, see {@link CallOptions.attempts}. @default 2 */
  readonly attempts?: number;
  /** Keeps complete responses of reads: for deltas, and for `last` where a request fails. It is of one user: empty it at logout. */
  readonly keep?: Keep;
  /** @default that of the platform */
  readonly fetch?: Fetch;
}

/** A store of responses by request; a `Map` is one. */
export interface Keep {
  get(key: string): Kept | undefined | Promise<Kept | undefined>;
  set(key: string, kept: Kept): unknown;
}

/** A complete response, as plain JSON. */
export interface Kept {
  readonly text: string;
  /** Of its members, where the screen has deltas. */
  readonly digests: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, in place of those of the client. */
  readonly deadlineMs?: number | undefined;
  /**
   * A request is sent again after 429 or 503 with `Retry-After`, when that time has passed and fits into the deadline. A write is sent again
   * only with an `idempotencyKey`.
   */
  readonly attempts?: number | undefined;
  /** Sent as `Idempotency-Key`, the same in each attempt. */
  readonly idempotencyKey?: string | undefined;
  readonly headers?: Fields | undefined;
}

export type Fields = Readonly<Record<string, string>>;

/** The part of the platform's headers that is used. */
export interface ResponseHeaders {
  get(name: string): string | null;
}

/** The part of `fetch` that is used. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    signal: AbortSignal;
    body?: string | FormData | Blob;
    credentials?: 'include' | 'omit' | 'same-origin';
  },
) => Promise<{ readonly status: number; readonly headers: ResponseHeaders; text(): Promise<string> }>;

/** The facts about an operation that a request needs. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** The codes of its problems. */
  readonly codes: string;
  /** Styles of parameters, where they differ from repeated names. */
  readonly styles?: Readonly<Record<string, 'comma' | 'space' | 'pipe' | 'deep' | 'json'>>;
  /** `raw` is text or bytes. @default json */
  readonly body?: 'form' | 'multipart' | 'raw';
  /** The media type of the body, where it is another one than `application/json`. */
  readonly media?: string;
  /** The screen sends the members that have changed. @default false */
  readonly deltas?: boolean;
  /** The success need not be JSON. @default false */
  readonly takesText?: boolean;
}

export interface Input {
  readonly path?: object;
  readonly query?: object;
  readonly header?: object;
  readonly body?: unknown;
}

export type Send = <Data, Missing, Problem>(
  operation: Operation,
  input: Input,
  options: CallOptions | undefined,
) => Promise<Result<Data, Missing, Problem>>;

/** The result of any operation. */
export type AnyResult = Result<unknown, unknown, unknown>;

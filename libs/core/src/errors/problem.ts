import { errorCodes, type ErrorCode } from './error-codes.js';
import type { WritesReport } from './outcome.js';

/** One wrong field of the input: where it is and what is wrong with it. */
export interface FieldError {
  /** JSON Pointer (RFC 6901) from the input group: `/query/limit`, `/body/items/0/name`. Empty where only the text says the place. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * The end of a request that fails: the one shape of a failure outside, as {@link Failure} is the one inside. A stage,
 * a screen or the exception filter states it; the gateway writes it as {@link ProblemDetails}.
 */
export interface Problem {
  readonly status: number;
  /** An {@link ErrorCode}, or the code of a problem that a screen declares. */
  readonly code: string;
  /** A URI reference (RFC 9457 section 3.1.1). @default that of the code, else `urn:frontage:problem:` and the code */
  readonly type?: string;
  /** @default that of the code, or the reason phrase of the status */
  readonly title?: string;
  /** For the client: no host, no upstream body, no stack. */
  readonly detail?: string;
  /** The failed call of the plan, by its public part name. */
  readonly part?: string;
  readonly errors?: readonly FieldError[];
  /** Of a request that was to change something: what became of each change, by public part name. */
  readonly writes?: WritesReport;
  /** Extension members of its own (RFC 9457 section 3.2), as JSON; members that this interface names win over them. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The time until the client may try again, in milliseconds: it stands in `Retry-After` (RFC 9110 section 10.2.3). */
  readonly retryAfterMs?: number;
}

/** The problem of a code, with the status that the table has for it. */
export const problemOf = (
  code: ErrorCode,
  rest: Omit<Problem, 'status' | 'code'> = {},
): Problem & { readonly code: ErrorCode } => ({
  status: errorCodes[code].status,
  code,
  ...rest,
});

/** The body of a problem response, RFC 9457 section 3. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  /** An error code of this table, or the code of a problem that a screen declares. */
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  /** The failed call of the plan, by its public part name. */
  readonly part?: string;
  /** Of a request that was to change something: what became of each change, by public part name. */
  readonly writes?: WritesReport;
  /** Members of a problem that a screen declares, or of an exception of a handler. */
  readonly [member: string]: unknown;
}

export interface ProblemOptions extends Omit<Problem, 'status' | 'code' | 'title'> {
  /** For the log, never for the client. */
  readonly cause?: unknown;
  /** Its name in the log of security decisions. @default that of its status */
  readonly event?: string;
}

/** Ends a request with a problem response. Thrown by guards, validation and hand-written controllers; the exception filter writes it. */
export class ProblemError extends Error {
  readonly code: ErrorCode;
  readonly options: ProblemOptions;

  constructor(code: ErrorCode, options: ProblemOptions = {}) {
    super(options.detail ?? errorCodes[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProblemError';
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }
}

/** Thrown by reading a number of a response that a double cannot hold. */
export const unreadablePayload = (): ProblemError => new ProblemError('GW_UPSTREAM_BAD_PAYLOAD');

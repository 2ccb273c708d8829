import { errorCodes, type ErrorCode } from '../errors/error-codes.js';
import type { Failure, MissingStatus, ResponseFields } from '../errors/outcome.js';

/**
 * A request to a screen that did not go well, with the responses of the services. It holds no secret, no value of a classified member, and
 * no subject of a caller.
 */
export interface Incident {
  /** The version of this form. */
  readonly incident: 1;
  readonly requestId: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly app: string;
  /** That of the policy: its overlays are part of the incident. */
  readonly environment: string;
  /** Name of the plan. */
  readonly screen: string;
  readonly method: string;
  readonly route: string;
  /** Of the response; 500 for a mistake in code. */
  readonly status: number;
  /** Code of the problem that the response was. */
  readonly code?: string;
  readonly durationMs: number;
  readonly because: 'problem' | 'partial' | 'slow';
  /** The time from which on a request counts as slow, in ms. */
  readonly slowMs: number;
  /** By part: the reason why it is missing, in whole or in some items, and the source of the value in its place. */
  readonly missing: Readonly<Record<string, { readonly status: MissingStatus; readonly source: string }>>;
  /** The input of the plan. */
  readonly input: Readonly<Record<string, unknown>>;
  /** In the order in which they began. */
  readonly calls: readonly IncidentCall[];
}

/** One call of a part, with all its attempts. */
export interface IncidentCall {
  /** Name of the part, followed by `.fallback` or `.undo` for its fallback or its undo. */
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  /** Ms after the begin of the request. */
  readonly startedMs: number;
  /** Ms until its outcome, or until the end of the request where it has none. */
  readonly tookMs: number;
  readonly response: IncidentResponse;
}

export type IncidentResponse =
  /** `body` is JSON; absent where the response has none. */
  | { readonly kind: 'value'; readonly body?: unknown; readonly headers?: ResponseFields }
  | { readonly kind: 'failure'; readonly failure: Failure }
  /**
   * No response arrived in time, or nothing waited for it any more. `frontage replay` adds an example of the contract, for a test in which
   * it does arrive.
   */
  | { readonly kind: 'none'; readonly example?: unknown }
  /** A response that is not kept, and the reason. */
  | { readonly kind: 'left_out'; readonly why: string };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0;

/** @returns undefined for a value that is no incident of this version */
export function incidentOf(value: unknown): Incident | undefined {
  return isIncident(value) ? value : undefined;
}

function isIncident(value: unknown): value is Incident {
  if (!isRecord(value) || value['incident'] !== 1) return false;
  const texts = ['requestId', 'time', 'app', 'environment', 'screen', 'method', 'route'].map((name) => value[name]);
  const { status, durationMs, slowMs, because, missing, input, calls, code } = value;
  return (
    texts.every(isText) &&
    [status, durationMs, slowMs].every(isTime) &&
    ['problem', 'partial', 'slow'].includes(String(because)) &&
    (code === undefined || isText(code)) &&
    isRecord(missing) &&
    Object.values(missing).every((one) => isRecord(one) && isText(one['status']) && isText(one['source'])) &&
    isRecord(input) &&
    Array.isArray(calls) &&
    calls.every(isCall)
  );
}

function isCall(value: unknown): value is IncidentCall {
  if (!isRecord(value)) return false;
  const { part, upstream, operation, startedMs, tookMs, response } = value;
  return [part, upstream, operation].every(isText) && [startedMs, tookMs].every(isTime) && isResponse(response);
}

function isResponse(value: unknown): value is IncidentResponse {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'value':
      return value['headers'] === undefined || isRecord(value['headers']);
    case 'failure':
      return isFailure(value['failure']);
    case 'left_out':
      return isText(value['why']);
    default:
      return value['kind'] === 'none';
  }
}

const isFailure = (value: unknown): value is Failure =>
  isRecord(value) && value['ok'] === false && isText(value['status']) && isCode(value['code']);

const isCode = (value: unknown): value is ErrorCode => isText(value) && Object.hasOwn(errorCodes, value);

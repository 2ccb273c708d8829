import type { AnyPlan } from '@frontage/aggregation';
import type { BffConfig } from '@frontage/config';
import { errorCodes, type ErrorCode, type WritesReport } from '@frontage/core';
import type { Route } from '../routes/routes.js';
import type { BoundRoute } from '../exchange/exchange.js';

type Json = Readonly<Record<string, unknown>>;
type PlanNode = AnyPlan['parts'][number]['node'];
type CallNode = Extract<PlanNode, { readonly kind: 'call' }>;

/** The problems that may come back of one route, by status. */
export type PossibleProblems = ReadonlyMap<number, StatusProblems>;

interface StatusProblems {
  readonly codes: Set<string>;
  /** The parts that may be named as the cause. */
  readonly parts: Set<string>;
}

/** @param takesInput whether something that the client sends is validated here */
export function possibleProblems(
  { route, screen }: BoundRoute,
  config: BffConfig,
  takesInput: boolean,
): PossibleProblems {
  const problems = new ProblemList();
  problems.add(ofRoute(route, config));
  for (const { refuses = {} } of Object.values(screen?.compiled.describe().parts ?? {})) {
    // As a plan describes them: `409 sold_out`. Steps without a name are parts too, there.
    for (const [status = '', code = ''] of Object.values(refuses).map((text) => text.split(' ')))
      problems.declare(Number(status), code);
  }
  if (takesInput) problems.add(['GW_INVALID_INPUT']);
  const parts = route.screen?.plan.parts ?? [];
  for (const { name, node } of parts) addPart(problems, name, node);
  if (changesSomething(parts.map(({ node }) => node))) problems.add(['GW_INDETERMINATE']);
  return new Map([...problems.byStatus].toSorted(([a], [b]) => a - b));
}

/** Problems of the inbound pipeline, and of a bug. */
function ofRoute({ access, method, path, rateClass }: Route, config: BffConfig): ErrorCode[] {
  const codes: ErrorCode[] = ['GW_INTERNAL'];
  if (path.includes(':')) codes.push('GW_BAD_REQUEST');
  if (method !== 'GET' && method !== 'HEAD')
    codes.push('GW_BAD_REQUEST', 'GW_PAYLOAD_TOO_LARGE', 'GW_UNSUPPORTED_MEDIA_TYPE');
  // Without the signing keys of the issuer no caller can be verified.
  if (access !== 'public') codes.push('GW_UNAUTHENTICATED', 'GW_UPSTREAM_FAILED');
  if (access !== 'public' && [access.allScopes, access.anyScopes, access.anyRoles].some((list) => list.length > 0))
    codes.push('GW_FORBIDDEN');
  const isCounted = rateClass !== undefined || config.addressLimit !== undefined;
  if (isCounted) codes.push('GW_RATE_LIMITED');
  if (config.limits.maxInFlight !== undefined || (isCounted && config.rateStore.whenDown === 'closed'))
    codes.push('GW_OVERLOADED');
  return codes;
}

function addPart(problems: ProblemList, name: string, node: PlanNode): void {
  if (node.kind === 'step') return;
  const call = 'call' in node ? node.call : node;
  if (call.need === 'optional') return;
  problems.add(ofCriticalCall, name);
  if (passesNotFoundOn(call)) problems.add(['GW_NOT_FOUND'], name);
  // A value that cannot be written into a request, such as `..` where a name goes into a path.
  if (hasReference(call.args)) problems.add(['GW_INVALID_INPUT'], name);
}

/** The outcome of a change may be unknown. */
const changesSomething = (nodes: readonly PlanNode[]): boolean =>
  nodes.some((node) => node.kind === 'call' && node.need === 'write');

const ofCriticalCall: readonly ErrorCode[] = [
  'GW_UPSTREAM_FAILED',
  'GW_UPSTREAM_BAD_PAYLOAD',
  'GW_UPSTREAM_REFUSED',
  'GW_UPSTREAM_OPEN_CIRCUIT',
  'GW_OVERLOADED',
  'GW_UPSTREAM_TIMEOUT',
  'GW_DEADLINE_EXCEEDED',
];

/** A declared 404 of the upstream is a 404 of the requested resource. */
function passesNotFoundOn({ operation, onStatus, refuseOn }: CallNode): boolean {
  const names = ['404', '4XX', 'default'];
  const isHandled = names.some((status) => Object.hasOwn(onStatus, status) || Object.hasOwn(refuseOn, status));
  return !isHandled && operation.responses.some(({ status }) => names.includes(status));
}

function hasReference(argument: CallNode['args']): boolean {
  switch (argument.kind) {
    case 'object':
      return argument.members.some(([, member]) => hasReference(member));
    case 'list':
      return argument.items.some(hasReference);
    default:
      return argument.kind !== 'literal';
  }
}

class ProblemList {
  readonly byStatus = new Map<number, StatusProblems>();

  add(codes: readonly ErrorCode[], part?: string): void {
    for (const code of codes) {
      const { parts } = this.declare(errorCodes[code].status, code);
      if (part !== undefined) parts.add(part);
    }
  }

  declare(status: number, code: string): StatusProblems {
    const known = this.byStatus.get(status) ?? { codes: new Set(), parts: new Set() };
    this.byStatus.set(status, known);
    known.codes.add(code);
    return known;
  }
}

/**
 * The responses of a document for them: which codes each status may have, and which parts it may name.
 * @param components gets those that are the same for many endpoints
 */
export function problemResponses(problems: PossibleProblems, components: Record<string, unknown>): Json {
  return Object.fromEntries(
    [...problems].map(([status, { codes: found, parts }]) => {
      // In an order of their own: moving a call within its plan promises nothing else.
      const codes = [...found].toSorted();
      const response = problemResponse(status, codes, [...parts]);
      if (parts.size > 0 || !codes.every((code) => Object.hasOwn(errorCodes, code))) return [status, response];
      const name = codes.map(componentName).join('Or');
      components[name] = response;
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}

/** `GW_RATE_LIMITED` -> `RateLimited`. */
const componentName = (code: string): string =>
  code.replace(/^GW/, '').replace(/_([A-Z])([A-Z]*)/g, (_, first: string, rest: string) => first + rest.toLowerCase());

function problemResponse(status: number, codes: readonly string[], parts: readonly string[]): Json {
  const properties = {
    status: { const: status },
    code: { enum: codes },
    ...(parts.length > 0 && { part: { enum: parts } }),
  };
  return {
    description: codes.map(meaning).join('\n\n'),
    headers: { ...commonHeaders, ...headersOf(status) },
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }], properties } },
    },
  };
}

const meaning = (code: string): string =>
  `\`${code}\`: ${Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].title : 'a problem of this endpoint, see its detail'}.`;

const header = (name: string): Json => ({ $ref: `#/components/headers/${name}` });

/** On every response. */
export const commonHeaders: Json = { 'X-Request-Id': header('RequestId') };
/** On every response to a request that passed the limits of a rate class. */
export const rateHeaders: Json = { RateLimit: header('RateLimit'), 'RateLimit-Policy': header('RateLimitPolicy') };

function headersOf(status: number): Json | undefined {
  if (status === 401 || status === 403) return { 'WWW-Authenticate': header('WwwAuthenticate') };
  if (status === 429) return { 'Retry-After': header('RetryAfter'), ...rateHeaders };
  return status === 503 ? { 'Retry-After': header('RetryAfter') } : undefined;
}

const text = (description: string): Json => ({ description, schema: { type: 'string' } });

/** Components that `commonHeaders`, `rateHeaders` and the problems refer to. */
export const headerComponents: Json = {
  RequestId: text('Names this request to whoever looks for it in our logs.'),
  RateLimit: text(
    'What is left of each limit, and in how many seconds more is free (draft-ietf-httpapi-ratelimit-headers).',
  ),
  RateLimitPolicy: text('The limits that hold here (draft-ietf-httpapi-ratelimit-headers).'),
  RetryAfter: { description: 'Seconds to wait (RFC 9110 section 10.2.3).', schema: { type: 'integer', minimum: 0 } },
  WwwAuthenticate: text('What a token must bring (RFC 6750 section 3).'),
  FrontageParts: text(
    'The missing parts of the response and the reasons, in place of `_parts` (a dictionary of RFC 9651).',
  ),
};

const fates = {
  done: 'Made, and not taken back.',
  undone: 'Made, and taken back.',
  refused: 'Not made: the service said so.',
  unknown: 'Sent, and no response says whether they were made.',
  notSent: 'Not made: nothing of them reached a service.',
} satisfies Record<keyof WritesReport, string>;

export const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    code: { type: 'string', description: 'What programs go by; it does not change.' },
    requestId: { type: 'string' },
    part: { type: 'string', description: 'The part of the screen that could not be had.' },
    errors: {
      type: 'array',
      description: 'Every wrong field of the input.',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer (RFC 6901): `/query/limit`, `/body/items/0/name`.' },
          message: { type: 'string' },
        },
      },
    },
    writes: {
      type: 'object',
      description: 'What became of the changes that the request asked for, by part.',
      required: Object.keys(fates),
      properties: Object.fromEntries(
        Object.entries(fates).map(([name, description]) => [
          name,
          { type: 'array', description, items: { type: 'string' } },
        ]),
      ),
    },
  },
};

import { callOf, type AnyPlan } from '@frontage/aggregation';
import type { AccessRule } from '@frontage/auth';
import type { BffConfig } from '@frontage/config';
import { errorCodes, type ErrorCode } from '@frontage/core';
import type { Route } from '../routes/routes.js';
import type { BoundRoute } from '../exchange/exchange.js';
import { problemExample } from './problem-schema.js';

type Json = Readonly<Record<string, unknown>>;
type PlanNode = AnyPlan['parts'][number]['node'];
type CallNode = Extract<PlanNode, { readonly kind: 'call' }>;

/** The problems that may come back of one route, by status. */
export type PossibleProblems = ReadonlyMap<number, StatusProblems>;

interface StatusProblems {
  readonly codes: Set<string>;
  /** The parts that may be named as the cause. */
  readonly parts: Set<string>;
  /** By code: the members that a problem of the screen may have besides. */
  readonly members: Map<string, unknown[]>;
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
  for (const { status, code, schema } of screen?.compiled.problemSchemas() ?? []) {
    const { members } = problems.declare(status, code);
    members.set(code, [...(members.get(code) ?? []), schema]);
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
  if (access !== 'public' && mayForbid(access)) codes.push('GW_FORBIDDEN');
  // An external policy decides about every request with a caller.
  if (access !== 'public' && config.access?.opa !== undefined)
    codes.push('GW_FORBIDDEN', 'GW_UNAVAILABLE', 'GW_UPSTREAM_OPEN_CIRCUIT');
  const isCounted =
    rateClass !== undefined || config.addressLimit !== undefined || config.limits.maxInFlightPerCaller !== undefined;
  const isBlocked = Object.values(config.signals).some(({ action }) => action === 'block' || action === 'slow');
  if (isCounted || isBlocked) codes.push('GW_RATE_LIMITED');
  if (config.limits.maxInFlight !== undefined || (isCounted && config.rateStore.whenDown === 'closed'))
    codes.push('GW_OVERLOADED');
  return codes;
}

const mayForbid = ({ allScopes, anyScopes, anyRoles, owner, when }: AccessRule): boolean =>
  [allScopes, anyScopes, anyRoles].some((list) => list.length > 0) || owner !== undefined || when !== undefined;

function addPart(problems: ProblemList, name: string, node: PlanNode): void {
  if (node.kind === 'step') return;
  const call = 'call' in node ? node.call : node;
  if (call.need === 'optional' || call.fallbackValue !== undefined) return;
  problems.add(ofCriticalCall, name);
  if (call.access !== undefined) problems.add(['GW_UNAUTHENTICATED', 'GW_FORBIDDEN'], name);
  if (passesNotFoundOn(call)) problems.add(['GW_NOT_FOUND'], name);
  // A value that cannot be written into a request, such as `..` where a name goes into a path; more changes than the plan makes at once.
  const isTooLong = node.kind === 'each' && call.need === 'write' && node.over.node.kind === 'input';
  if (hasReference(call.args) || isTooLong) problems.add(['GW_INVALID_INPUT'], name);
}

/** The outcome of a change may be unknown. */
const changesSomething = (nodes: readonly PlanNode[]): boolean => nodes.some((node) => callOf(node)?.need === 'write');

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
    const known = this.byStatus.get(status) ?? { codes: new Set(), parts: new Set(), members: new Map() };
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
    [...problems].map(([status, { codes: found, parts, members }]) => {
      // In an order of their own: moving a call within its plan promises nothing else.
      const codes = [...found].toSorted();
      const response = problemResponse(status, codes, [...parts], members);
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

function problemResponse(
  status: number,
  codes: readonly string[],
  parts: readonly string[],
  members: StatusProblems['members'],
): Json {
  const properties = {
    status: { const: status },
    code: { enum: codes },
    ...(parts.length > 0 && { part: { enum: parts } }),
    ...(status === 429 && { 'violated-policies': violatedPolicies }),
  };
  return {
    description: codes.map(meaning).join('\n\n'),
    headers: { ...commonHeaders, ...headersOf(status) },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties,
          ...(members.size > 0 && { oneOf: variantsByCode(codes, members) }),
        },
        example: problemExample(status, codes, parts),
      },
    },
  };
}

/** draft-ietf-httpapi-ratelimit-headers, section 3.1. */
const violatedPolicies: Json = {
  type: 'array',
  items: { type: 'string' },
  description: 'The limits that refused the request, by their names in `RateLimit-Policy`.',
};

/** A variant of the other members for each code: problems with the same status may have different ones. */
function variantsByCode(codes: readonly string[], members: StatusProblems['members']): readonly Json[] {
  const others = codes.filter((code) => !members.has(code));
  const withMembers = codes.flatMap((code) => {
    const schemas = members.get(code);
    return schemas === undefined ? [] : [variant({ const: code }, schemas)];
  });
  return others.length === 0 ? withMembers : [...withMembers, { properties: { code: { enum: others } } }];
}

/** The members are left out where the service has sent another body than its contract says. */
function variant(code: Json, schemas: readonly unknown[]): Json {
  const different = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()].map(
    optionalMembers,
  );
  const [only, ...rest] = different;
  if (rest.length === 0 && only !== undefined) return { properties: { code, ...only } };
  return { properties: { code }, anyOf: different.map((properties) => ({ properties })) };
}

const optionalMembers = (schema: unknown): Json =>
  typeof schema === 'object' && schema !== null && 'properties' in schema ? { ...(schema.properties as Json) } : {};

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

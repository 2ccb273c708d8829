import { callEnd, formatTraceparent, newSpanId, openCall } from '@frontage/context';
import { replaceableHeaders, type Clock, type Outcome } from '@frontage/core';
import { StreamedBody } from '../encode/body-content.js';
import type { CompiledOperation } from '../request/compiled-operation.js';
import { isFieldValue } from '../encode/encode-value.js';
import { ownHeaders, type Secrets } from '../policy/secrets.js';
import type { ResolvedUpstreamOptions } from '../policy/upstream.options.js';
import type { ForwardedField } from '../request/forwarded-fields.js';
import type { Next, Stage, UpstreamRequest } from '../request/upstream-request.js';

/**
 * Writes the headers of one attempt and opens its record: what the operation declares, what policy lists, our credentials, the trace, the
 * time that is left. Nothing else of the inbound request ever goes upstream (RELIABILITY H9, A11).
 */
export function headers(
  operation: CompiledOperation,
  options: ResolvedUpstreamOptions,
  fields: readonly ForwardedField[],
  clock: Clock,
): Stage {
  const fixed = fixedHeaders(operation, options);
  const declared = declaredNames(operation);
  const forwarded = fields.map((field) => ({ field, argument: declared.get(field.name) }));
  const { forwardAuthorization } = options;
  const { secrets } = operation;
  const replaceable = replaceableIn(declared);
  // The headers that most calls send, in a list of its final length.
  const usual = [...fixed, 'traceparent', '', 'x-request-id', '', 'x-envoy-expected-rq-timeout-ms', ''];
  const hasSources = options.sources.length > 0;
  const isUsual = forwarded.length === 0 && !forwardAuthorization && secrets === undefined && !hasSources;
  const ownSecrets = new Set(ownHeaders(options));
  const write = (request: UpstreamRequest, now: number, spanId: string): string[] => {
    const { context } = request.scope;
    const { declaredHeaders, body } = request;
    const given = replaceable === undefined ? none : replaceable.filter((name) => isGiven(declaredHeaders, name));
    const written = given.length === 0 ? fixed.slice() : without(fixed, given);
    for (let at = 0; at < declaredHeaders.length; at++) written.push(declaredHeaders[at] ?? '');
    if (body !== undefined) {
      written.push('content-type', body.contentType);
      // The transport sets the length of a body that is written at once.
      if (body.content instanceof StreamedBody && body.content.length !== undefined)
        written.push('content-length', String(body.content.length));
    }
    for (const { field, argument } of forwarded) {
      // An argument is the plan's decision, and stands before what the client happened to send.
      if (argument !== undefined && request.args.header?.[argument] !== undefined) continue;
      const text = field.read(context.headers);
      if (text !== undefined) written.push(field.name, text);
    }
    if (forwardAuthorization && context.bearerToken !== undefined && isFieldValue(context.bearerToken)) {
      pushToken(request, context.bearerToken, written);
    }
    if (!request.isElsewhere) written.push(...request.validators);
    // W3C Trace Context section 3.2: the span of this attempt is the parent of the upstream's spans.
    if (context.traceId !== '') {
      written.push(
        'traceparent',
        formatTraceparent(context.traceId, spanId, context.traceSampled, context.traceRandom),
      );
      if (context.tracestate !== undefined && isFieldValue(context.tracestate))
        written.push('tracestate', context.tracestate);
    }
    const leftMs = Math.max(1, Math.floor(request.deadlineAt - now));
    if (!given.includes('x-request-id')) written.push('x-request-id', context.requestId);
    written.push('x-envoy-expected-rq-timeout-ms', String(leftMs));
    request.secretQuery = request.isElsewhere ? '' : (secrets?.query ?? '');
    if (request.isElsewhere) return withoutSecrets(written, ownSecrets);
    if (secrets !== undefined) addSecrets(written, secrets);
    if (hasSources) written.push(...request.credentials);
    return written;
  };
  const at = fixed.length + 1;
  const fixedLines = options.transport === 'direct' ? linesOf(fixed) : undefined;
  const writeUsual = (request: UpstreamRequest, now: number, spanId: string): string[] => {
    const { context } = request.scope;
    const traceparent = formatTraceparent(context.traceId, spanId, context.traceSampled, context.traceRandom);
    const leftMs = String(Math.max(1, Math.floor(request.deadlineAt - now)));
    const written = usual.slice();
    written[at] = traceparent;
    written[at + 2] = context.requestId;
    written[at + 4] = leftMs;
    if (fixedLines !== undefined && isFieldValue(traceparent) && isFieldValue(context.requestId)) {
      request.headerLines =
        `${fixedLines}traceparent: ${traceparent}\r\nx-request-id: ${context.requestId}\r\n` +
        `x-envoy-expected-rq-timeout-ms: ${leftMs}\r\n`;
    }
    return written;
  };
  const stage: Stage = (next) => (request) => {
    const { context } = request.scope;
    const now = clock.now();
    const spanId = newSpanId();
    const hasUsual =
      isUsual &&
      request.declaredHeaders.length === 0 &&
      request.body === undefined &&
      request.validators.length === 0 &&
      !request.isElsewhere &&
      context.traceId !== '' &&
      context.tracestate === undefined;
    request.headerLines = '';
    request.headers = hasUsual ? writeUsual(request, now, spanId) : write(request, now, spanId);
    request.location = undefined;
    request.head = undefined;
    request.attempt++;
    openRecord(request, now, spanId);
    return next(request);
  };
  return forwardAuthorization ? (next) => withNonce(stage(next)) : stage;
}

/**
 * Sends an attempt once more where the upstream asks for a nonce in the proof of the caller's token (RFC 9449 section 9): 401 says that nothing
 * was done. The next proofs have the nonce at once.
 */
function withNonce(next: Next): Next {
  const sendAgain = async (request: UpstreamRequest, first: Promise<Outcome<unknown>>): Promise<Outcome<unknown>> => {
    const outcome = await first;
    if (outcome.ok || outcome.upstreamStatus !== 401) return outcome;
    const isOver = request.stopReason !== undefined || request.abandoned || !request.isReplayable;
    const hasNonce = request.scope.context.tokenKey?.nonceOf(request.address.origin) !== request.sentNonce;
    return hasNonce && !isOver ? next(request) : outcome;
  };
  return (request) =>
    request.scope.context.tokenKey === undefined ? next(request) : sendAgain(request, next(request));
}

const none: readonly string[] = [];

/** Headers as lines of HTTP/1.1; `undefined` where a value cannot stand in one. */
function linesOf(headers: readonly string[]): string | undefined {
  let lines = '';
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    if (!isFieldValue(value)) return undefined;
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** Headers of ours that an argument replaces, as far as an operation declares them. Most declare none. */
function replaceableIn(declared: ReadonlyMap<string, string>): readonly string[] | undefined {
  const names = [...replaceableHeaders].filter((name) => declared.has(name));
  return names.length === 0 ? undefined : names;
}

const isGiven = (headers: readonly string[], name: string): boolean =>
  headers.some((header, at) => at % 2 === 0 && header.toLowerCase() === name);

const without = (headers: readonly string[], names: readonly string[]): string[] =>
  headers.filter((_, at) => !names.includes(headers[at - (at % 2)] ?? ''));

function fixedHeaders(operation: CompiledOperation, options: ResolvedUpstreamOptions): string[] {
  const media = new Set(
    operation.info.responses.flatMap(({ media: declared, also = [] }) =>
      declared === undefined ? [] : [declared, ...also],
    ),
  );
  // RFC 9110 section 12.5.1 has no range with a suffix.
  for (const range of media) if (range.includes('*+')) media.delete(range);
  const accept = media.size === 0 ? '*/*' : [...media].join(', ');
  // Upstreams are near: unpacking would cost more than sending, and what is not packed cannot be a bomb.
  const fixed = ['accept', accept, 'accept-encoding', 'identity', 'user-agent', 'frontage'];
  if (options.credentials !== undefined)
    fixed.push(options.credentials.header.toLowerCase(), options.credentials.value);
  return fixed;
}

/** RFC 6265 section 5.4 has one field of cookies. */
function addSecrets(written: string[], { headers: fields, cookies }: Secrets): void {
  for (const text of fields) written.push(text);
  if (cookies.length === 0) return;
  const at = written.indexOf('cookie');
  if (at === -1) written.push('cookie', cookies.join('; '));
  else written[at + 1] = [written[at + 1], ...cookies].join('; ');
}

/** Headers that a redirect to another origin must not carry (RELIABILITY F11, A11). */
function withoutSecrets(headers: readonly string[], ownSecrets: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    if (!secretName.test(name) && !ownSecrets.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

const secretName = /authorization|cookie|token|secret|session|api-?key|^dpop$/i;

/** The token of the caller. One that is bound to a key goes with a proof for this request alone (RFC 9449 section 7.1). */
function pushToken(request: UpstreamRequest, token: string, into: string[]): void {
  const { tokenKey } = request.scope.context;
  if (tokenKey === undefined) {
    into.push('authorization', `Bearer ${token}`);
    return;
  }
  const { origin, prefix } = request.address;
  request.sentNonce = tokenKey.nonceOf(origin);
  const proof = tokenKey.proofFor(request.method, origin + prefix + request.target, token);
  into.push('authorization', `DPoP ${token}`, 'dpop', proof);
}

/** The names of declared header parameters, by their lower case. */
function declaredNames(operation: CompiledOperation): ReadonlyMap<string, string> {
  const parameters = operation.info.parameters ?? [];
  return new Map(parameters.filter((spec) => spec.in === 'header').map((spec) => [spec.name.toLowerCase(), spec.name]));
}

function openRecord(request: UpstreamRequest, startedAt: number, spanId: string): void {
  const { operation, scope, record: before } = request;
  request.record = openCall({
    upstream: operation.upstream,
    operation: operation.info.id,
    method: request.method,
    part: scope.part,
    address: request.address.origin,
    attempt: request.attempt,
    startedAt,
    spanId,
    waitedMs: Math.max(0, startedAt - (before === undefined ? request.startedAt : callEnd(before, startedAt))),
    circuit: request.circuit,
  });
  scope.context.calls.push(request.record);
}

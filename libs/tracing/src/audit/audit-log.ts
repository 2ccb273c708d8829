import { redact, type SecurityDecision, type SignalRaised } from '@frontage/core';
import { requestContextOf, type Caller, type RequestContext, type RequestEnded } from '@frontage/context';
import type { CallerHash } from '../logs/caller-hash.js';
import type { AuditOptions } from '../options/tracing.options.js';
import { AuditWriter } from './audit-writer.js';

const MAX_REASON_LENGTH = 300;
const MAX_NAME_LENGTH = 200;

/** The event of a response that refuses a request, where its problem names no other one. */
const refusals: ReadonlyMap<number, string> = new Map([
  [401, 'authentication.refused'],
  [403, 'access.refused'],
  [429, 'limit.refused'],
]);

/**
 * A log of security decisions as JSON lines: who, what, why, and the id of the request. It has no token, no header, no body and no value of a
 * path; texts of others are redacted.
 */
export class AuditLog {
  readonly #app: string;
  readonly #options: AuditOptions;
  readonly #hash: CallerHash;
  readonly #writer: AuditWriter;

  constructor(app: string, options: AuditOptions, hash: CallerHash) {
    this.#app = app;
    this.#options = options;
    this.#hash = hash;
    this.#writer = new AuditWriter(options.file);
    this.#write('audit.opened', {});
  }

  /** Events that were dropped, because they could not be written. */
  get lost(): number {
    return this.#writer.lost;
  }

  noteRequest({ context, status, code, refusal }: RequestEnded): void {
    const event = refusal?.event ?? refusals.get(status);
    if (event === undefined) return;
    this.#write(event, {
      ...this.#requestOf(context),
      status,
      code,
      ...this.#callerOf(context.caller),
      why: refusal?.why === undefined ? undefined : redact(refusal.why, MAX_REASON_LENGTH),
    });
  }

  note({ event, subject, what, why, request }: SecurityDecision): void {
    const context = request === undefined ? undefined : requestContextOf(request);
    this.#write(event, {
      ...(context && this.#requestOf(context)),
      caller: subject === undefined ? undefined : this.#nameOf(subject),
      what: what === undefined ? undefined : redact(what, MAX_REASON_LENGTH),
      why: why === undefined ? undefined : redact(why, MAX_REASON_LENGTH),
    });
  }

  noteSignal({ signal, of, action, requestId, client }: SignalRaised): void {
    this.#write('signal.raised', {
      requestId,
      what: redact(`${signal}: ${of} ${client}`, MAX_REASON_LENGTH),
      why: action,
    });
  }

  async stop(): Promise<void> {
    this.#write('audit.closed', {});
    await this.#writer.end();
  }

  #write(event: string, members: Readonly<Record<string, unknown>>): void {
    const time = new Date().toISOString();
    this.#writer.write(JSON.stringify({ time, app: this.#app, event, ...members }));
  }

  #requestOf({ requestId, traceId, method, route, clientAddress }: RequestContext) {
    return { requestId, traceId, method: redact(method, MAX_NAME_LENGTH), route, address: clientAddress };
  }

  #callerOf(caller: Caller | undefined) {
    if (caller === undefined) return {};
    const { subject, tenant } = caller;
    return this.#options.callers === 'hashed'
      ? { caller: this.#hash.of(caller) }
      : { caller: subject.slice(0, MAX_NAME_LENGTH), tenant: tenant?.slice(0, MAX_NAME_LENGTH) };
  }

  #nameOf(subject: string): string {
    return this.#options.callers === 'hashed' ? this.#hash.ofSubject(subject) : subject.slice(0, MAX_NAME_LENGTH);
  }
}

import type { ContractDocument, OperationDescription } from '@frontage/contracts';
import { mediaKind } from '@frontage/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem, type Behaviour, type SandboxResponse } from '../model/behaviour.js';
import type { CallLog } from './call-log.js';
import { ContractMemory } from '../contract/contract-memory.js';
import { ContractResponses } from '../contract/contract-responses.js';
import { ContractChecks, sameMedia, type FieldProblem } from '../contract/contract-checks.js';
import { FaultTable, type Fault } from './faults.js';
import { decodeParameters, type ParameterGroups } from '../decoding/parameter-decoding.js';
import { parseBody, readBody } from '../decoding/request-body.js';
import { resetConnection, writeResponse } from './response-writer.js';
import { OperationRoutes, type RouteMatch, type RouteMatches } from './route-table.js';
import type { ReadingContext } from '../decoding/typed-reading.js';

export interface SandboxUpstreamOptions {
  readonly name: string;
  readonly contract: ContractDocument;
  readonly behaviour: Behaviour;
  readonly seed: string;
  readonly log: CallLog;
}

/** One upstream of the sandbox: finds the operation, applies the active fault, validates the request, responds. */
export class SandboxUpstream {
  readonly name: string;
  readonly contract: ContractDocument;
  readonly faults: FaultTable;
  readonly #behaviour: Behaviour;
  readonly #log: CallLog;
  readonly #routes: OperationRoutes;
  readonly #checks: ContractChecks;
  readonly #responses: ContractResponses;
  readonly #memory: ContractMemory;
  readonly #reading: ReadingContext;

  constructor({ name, contract, behaviour, seed, log }: SandboxUpstreamOptions) {
    this.name = name;
    this.contract = contract;
    this.faults = new FaultTable(contract.operations.map(({ id }) => id));
    this.#behaviour = behaviour;
    this.#log = log;
    this.#routes = new OperationRoutes(contract.operations, contract.servers);
    this.#checks = new ContractChecks(contract);
    const accepts: ReadingContext['accepts'] = (schema, value) => this.#checks.accepts(schema, value, 'request');
    this.#reading = { resolve: this.#checks.resolve, accepts };
    this.#responses = new ContractResponses(contract, this.#checks, seed);
    this.#memory = new ContractMemory(contract, this.#checks);
  }

  /** @param target path and query below the address of the upstream */
  async handle(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const method = request.method ?? 'GET';
    const queryAt = target.indexOf('?');
    const path = queryAt < 0 ? target : target.slice(0, queryAt);
    const query = queryAt < 0 ? '' : target.slice(queryAt + 1);
    const routed = this.#routes.match(method, path, query);
    const asked = 'matches' in routed ? this.#asked(routed.matches, query, request) : undefined;
    const operation = asked?.operation.id ?? '';
    const call = this.#log.begin({ upstream: this.name, operation, method, target }, request.headers);
    response.once('close', () =>
      this.#log.end(call, response.writableFinished ? 'answered' : 'aborted', sentStatus(response)),
    );
    if (asked === undefined) {
      writeResponse(response, unmatched(method, path, 'allowed' in routed ? routed.allowed : []));
      return;
    }
    const fault = this.faults.next(operation);
    const body = await readBody(request);
    if (fault?.latencyMs !== undefined && !(await stillThereAfter(fault.latencyMs, response))) return;
    if (fault?.hang === true) return;
    if (fault?.reset === true) {
      this.#log.end(call, 'reset');
      resetConnection(response);
      return;
    }
    const media = request.headers['content-type'] ?? '';
    const toSend = instead(fault) ?? (await this.#respond(asked, media, body, target));
    if (writeResponse(response, toSend, fault) === 'reset') this.#log.end(call, 'reset', toSend.status);
  }

  /** The operation whose parameters the request satisfies; the first one where there is none. */
  #asked([first, ...others]: RouteMatches, query: string, { headers }: IncomingMessage): Asked {
    const read = ({ operation, segments }: RouteMatch): Asked => {
      try {
        const groups = decodeParameters(operation, { segments, query, headers }, this.#reading);
        return { operation, groups, problems: this.#checks.parameters(operation, groups) };
      } catch (error) {
        if (!(error instanceof URIError || error instanceof SyntaxError)) throw error;
        const problems = [{ pointer: '', rule: 'encoding', message: error.message }];
        return { operation, groups: { path: {}, query: {}, header: {}, cookie: {} }, problems };
      }
    };
    const asked = read(first);
    if (asked.problems.length === 0) return asked;
    return others.map(read).find(({ problems }) => problems.length === 0) ?? asked;
  }

  async #respond(
    { operation, groups, problems }: Asked,
    media: string,
    body: Buffer | 'too_large',
    target: string,
  ): Promise<SandboxResponse> {
    if (body === 'too_large') return problem(413, 'The body is too large for the sandbox');
    const content = await this.#content(operation, media, body);
    if (content === 'unsupported') return unsupported(operation, media);
    const all = [...problems, ...content.problems];
    if (all.length > 0) return broken(all);
    const handler = Object.hasOwn(this.#behaviour, operation.id) ? this.#behaviour[operation.id] : undefined;
    if (handler !== undefined) return handler({ ...groups, body: content.value });
    const call = { operation, groups, body: content.value };
    return this.#memory.settled(call, this.#responses.respond(operation, target + this.#memory.seedOf(call), groups));
  }

  async #content(operation: OperationDescription, media: string, body: Buffer): Promise<Content | 'unsupported'> {
    const declared = operation.body;
    if (declared === undefined) return { problems: [] };
    if (body.length === 0 && !declared.media.some((one) => takesNothing(one.media))) {
      const missing = { pointer: '/body', rule: 'required', message: 'is required' };
      return { problems: declared.required === true ? [missing] : [] };
    }
    const described = declared.media.find((one) => sameMedia(one.media, media));
    if (described === undefined) return body.length === 0 ? { problems: [] } : 'unsupported';
    const { value, error } = await parseBody(body, media, described, this.#reading);
    if (error !== undefined) return { problems: [{ pointer: '/body', rule: 'encoding', message: error }] };
    if (value === undefined || described.schema === undefined) return { value, problems: [] };
    return { value, problems: this.#checks.body(described.schema, value) };
  }
}

interface Asked {
  readonly operation: OperationDescription;
  readonly groups: ParameterGroups;
  readonly problems: readonly FieldProblem[];
}

interface Content {
  readonly value?: unknown;
  readonly problems: readonly FieldProblem[];
}

/** A form without fields, no lines and an empty text are bodies of no bytes. */
const takesNothing = (media: string): boolean => ['form', 'ndjson', 'text'].includes(mediaKind(media));

const sentStatus = (response: ServerResponse): number | undefined =>
  response.headersSent ? response.statusCode : undefined;

/** The response of a fault in place of the operation. */
function instead(fault: Fault | undefined): SandboxResponse | undefined {
  if (fault === undefined) return undefined;
  const { status, payload, retryAfter } = fault;
  if (status === undefined && payload === undefined) return undefined;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (payload !== undefined) return { status: status ?? 200, body: payload, headers };
  return { ...problem(status ?? 500, 'A fault that was set', { code: 'SANDBOX_FAULT' }), headers };
}

function unmatched(method: string, path: string, allowed: readonly string[]): SandboxResponse {
  if (allowed.length === 0) return problem(404, 'The contract has no such path', { detail: `${method} ${path}` });
  return {
    ...problem(405, 'The contract has no such method here', { detail: `${method} ${path}` }),
    headers: { allow: allowed.join(', ') },
  };
}

const broken = (errors: readonly FieldProblem[]): SandboxResponse =>
  problem(400, 'The request breaks the contract', { errors });

const unsupported = ({ body }: OperationDescription, media: string): SandboxResponse =>
  problem(415, 'The contract does not take this media type', {
    detail: `${media || 'none'}; it takes ${body?.media.map((one) => one.media).join(', ')}`,
  });

/** False where the caller left in the meantime. */
async function stillThereAfter(delayMs: number, response: ServerResponse): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), delayMs);
  const gone = (): void => resolve(false);
  response.once('close', gone);
  const there = await promise;
  clearTimeout(timer);
  response.off('close', gone);
  return there;
}

import { isJsonMedia, type ContractDocument, type OperationDescription } from '@frontage/contracts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem, type Behaviour, type Reply } from './behaviour.js';
import type { CallLog } from './call-log.js';
import { ContractAnswers } from './contract-answers.js';
import { ContractChecks, sameMedia, type FieldProblem } from './contract-checks.js';
import { FaultTable, type Fault } from './faults.js';
import { decodeParameters, type ParameterGroups } from './parameter-decoding.js';
import { parseBody, readBody } from './request-body.js';
import { resetConnection, writeReply } from './reply-writer.js';
import { RouteTable, type RouteMatch } from './route-table.js';

export interface UpstreamOptions {
  readonly name: string;
  readonly contract: ContractDocument;
  readonly behaviour: Behaviour;
  readonly seed: string;
  readonly log: CallLog;
}

/** One upstream of the sandbox: finds the operation, lets the fault in force have its way, checks the request, answers. */
export class Upstream {
  readonly name: string;
  readonly contract: ContractDocument;
  readonly faults: FaultTable;
  readonly #behaviour: Behaviour;
  readonly #log: CallLog;
  readonly #routes: RouteTable;
  readonly #checks: ContractChecks;
  readonly #answers: ContractAnswers;

  constructor({ name, contract, behaviour, seed, log }: UpstreamOptions) {
    this.name = name;
    this.contract = contract;
    this.faults = new FaultTable(contract.operations.map(({ id }) => id));
    this.#behaviour = behaviour;
    this.#log = log;
    this.#routes = new RouteTable(contract.operations);
    this.#checks = new ContractChecks(contract);
    this.#answers = new ContractAnswers(contract, this.#checks, seed);
  }

  /** @param target path and query below the address of the upstream */
  async handle(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const method = request.method ?? 'GET';
    const queryAt = target.indexOf('?');
    const path = queryAt < 0 ? target : target.slice(0, queryAt);
    const query = queryAt < 0 ? '' : target.slice(queryAt + 1);
    const match = this.#routes.match(method, path);
    const operation = 'operation' in match ? match.operation.id : '';
    const call = this.#log.begin({ upstream: this.name, operation, method, target }, request.headers);
    response.once('close', () =>
      this.#log.end(call, response.writableFinished ? 'answered' : 'aborted', sentStatus(response)),
    );
    if (!('operation' in match)) {
      writeReply(response, unmatched(method, path, match));
      return;
    }
    const fault = this.faults.next(match.operation.id);
    const body = await readBody(request);
    if (fault?.latencyMs !== undefined && !(await stillThereAfter(fault.latencyMs, response))) return;
    if (fault?.hang === true) return;
    if (fault?.reset === true) {
      this.#log.end(call, 'reset');
      resetConnection(response);
      return;
    }
    const reply = instead(fault) ?? this.#reply(match, query, request, body, target);
    if (writeReply(response, reply, fault) === 'reset') this.#log.end(call, 'reset', reply.status);
  }

  #reply(
    match: RouteMatch,
    query: string,
    request: IncomingMessage,
    body: Buffer | 'too_large',
    target: string,
  ): Reply {
    const { operation } = match;
    if (body === 'too_large') return problem(413, 'The body is too large for the sandbox');
    let groups: ParameterGroups;
    try {
      groups = decodeParameters(
        operation,
        { segments: match.segments, query, headers: request.headers },
        this.#checks.resolve,
      );
    } catch (error) {
      if (error instanceof URIError || error instanceof SyntaxError)
        return broken([{ pointer: '', message: error.message }]);
      throw error;
    }
    const problems = [...this.#checks.parameters(operation, groups)];
    const media = request.headers['content-type'] ?? '';
    const parsed = body.length === 0 ? {} : parseBody(body, media);
    if (parsed.error !== undefined) return broken([...problems, { pointer: '/body', message: parsed.error }]);
    if (operation.body !== undefined && (body.length > 0 || operation.body.required === true)) {
      if (body.length === 0) problems.push({ pointer: '/body', message: 'is required' });
      else if (!operation.body.media.some((declared) => sameMedia(declared.media, media)))
        return unsupported(operation, media);
      else if (isJsonMedia(media)) problems.push(...this.#checks.body(operation, media, parsed.value));
    }
    if (problems.length > 0) return broken(problems);
    const handler = this.#behaviour[operation.id];
    return handler?.({ ...groups, body: parsed.value }) ?? this.#answers.answer(operation, target);
  }
}

const sentStatus = (response: ServerResponse): number | undefined =>
  response.headersSent ? response.statusCode : undefined;

/** What a fault answers without asking the operation. */
function instead(fault: Fault | undefined): Reply | undefined {
  if (fault === undefined) return undefined;
  const { status, payload, retryAfter } = fault;
  if (status === undefined && payload === undefined) return undefined;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (payload !== undefined) return { status: status ?? 200, body: payload, headers };
  return { ...problem(status ?? 500, 'A fault that was asked for', { code: 'SANDBOX_FAULT' }), headers };
}

function unmatched(method: string, path: string, allowed: readonly string[]): Reply {
  if (allowed.length === 0) return problem(404, 'The contract has no such path', { detail: `${method} ${path}` });
  return {
    ...problem(405, 'The contract has no such method here', { detail: `${method} ${path}` }),
    headers: { allow: allowed.join(', ') },
  };
}

const broken = (errors: readonly FieldProblem[]): Reply => problem(400, 'The request breaks the contract', { errors });

const unsupported = ({ body }: OperationDescription, media: string): Reply =>
  problem(415, 'The contract does not take this media type', {
    detail: `${media || 'none'}; it takes ${body?.media.map((one) => one.media).join(', ')}`,
  });

/** False: the caller has gone in the meantime. */
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

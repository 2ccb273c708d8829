import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import type { HttpService } from '@nestjs/axios';
import type { AxiosResponse } from 'axios';
import { firstValueFrom } from 'rxjs';
import { StreamedBody } from '../../encode/body-content.js';
import { Attempt, type AttemptLimits, type Settle } from '../../request/attempt.js';
import type { ResponseHeaders } from '../../decode/response-decoder.js';
import type { Address } from '../../policy/address.js';
import type { ResolvedUpstreamOptions } from '../../policy/upstream.options.js';
import type { UpstreamRequest } from '../../request/upstream-request.js';
import { AddressAgent } from './address-agent.js';
import { tellOfUnaskedBytes } from '../unasked-bytes.js';
import { maxInterimResponses, tooManyInterimResponses } from '../interim-responses.js';
import { detailOf } from '../error-detail.js';
import type { ConnectionReport, Transport } from '../transport.js';

/** Sends through the `HttpService` of @nestjs/axios, so that the interceptors of a company's axios see every attempt. Not the fast way. */
export class AxiosTransport implements Transport {
  readonly #http: HttpService;
  readonly #limits: AttemptLimits;
  readonly #options: ResolvedUpstreamOptions;
  readonly #agents = new Map<Address, AddressAgent>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(http: HttpService, options: ResolvedUpstreamOptions, limits: AttemptLimits) {
    this.#http = http;
    this.#limits = limits;
    this.#options = options;
    this.reach([options.addresses, ...options.ownAddresses.values()].flat());
  }

  reach(addresses: readonly Address[]): void {
    const { upstream, names } = this.#limits;
    for (const address of addresses) {
      if (this.#agents.has(address)) continue;
      const tell = (): void => tellOfUnaskedBytes(upstream, address.origin);
      this.#agents.set(address, new AddressAgent(address.origin, this.#options, names, tell));
    }
  }

  leave(addresses: readonly Address[]): void {
    const underWay = [...this.#underWay];
    for (const address of addresses) {
      const agent = this.#agents.get(address);
      this.#agents.delete(address);
      if (agent !== undefined) void Promise.all(underWay).then(() => agent.close());
    }
  }

  send(request: UpstreamRequest, settle: Settle): void {
    const agent = this.#agents.get(request.address);
    if (agent === undefined) throw new Error(`no connections to ${request.address.origin}`);
    const done = new AxiosAttempt(this.#http, agent, request, this.#limits, settle).run();
    this.#underWay.add(done);
    void done.finally(() => this.#underWay.delete(done));
  }

  connections(): readonly ConnectionReport[] {
    return Array.from(this.#agents, ([{ origin }, agent]) => agent.connections(origin));
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay);
    for (const agent of this.#agents.values()) agent.close();
  }
}

class AxiosAttempt extends Attempt {
  readonly #http: HttpService;
  readonly #agent: AddressAgent;
  readonly #controller = new AbortController();
  /** Set while no more bytes are wanted. */
  #paused: Promise<void> | undefined = undefined;
  #resume: (() => void) | undefined = undefined;
  /** By an attempt before this one. */
  #wasReached: boolean;

  constructor(http: HttpService, agent: AddressAgent, request: UpstreamRequest, limits: AttemptLimits, settle: Settle) {
    super(request, limits, settle);
    this.#http = http;
    this.#agent = agent;
    this.#wasReached = request.reached;
  }

  async run(): Promise<void> {
    this.request.waitFor(this);
    // Until our own transport says otherwise: an interceptor may send the request by other means.
    this.#mark(true);
    try {
      await this.#perform();
    } catch (error) {
      if (this.settled) {
        this.broke(detailOf(error));
        return;
      }
      // A kept connection that the upstream closed as we took it (RELIABILITY F22): once more, on another one.
      const { operation, isReplayable } = this.request;
      if (!operation.isIdempotent || !isReplayable || this.hasResponse || !brokeWhileKept(error)) {
        this.broke(detailOf(error));
        return;
      }
      this.#wasReached = true;
      await this.#perform().catch((again: unknown) => this.broke(detailOf(again)));
    }
  }

  async #perform(): Promise<void> {
    const { request } = this;
    const response: AxiosResponse<Readable> = await firstValueFrom(
      this.#http.request<Readable>({
        url: request.address.origin + request.address.prefix + request.sentTarget,
        method: request.method,
        headers: headersOf(request.headers),
        data: bodyOf(request.body?.content),
        signal: this.#controller.signal,
        httpAgent: this.#agent.agent,
        httpsAgent: this.#agent.agent,
        // Bounds, redirects, content codings, statuses and JSON are the attempt's business: axios hands over what comes.
        responseType: 'stream',
        maxRedirects: 0,
        transport: this.#carrier,
        decompress: false,
        // Without a proxy of policy there is none; axios strips that of an agent where it is told `false`.
        ...(this.#agent.isProxied ? {} : { proxy: false }),
        timeout: 0,
        maxBodyLength: Number.POSITIVE_INFINITY,
        maxContentLength: -1,
        validateStatus: null,
        transformRequest: [(data: unknown) => data],
      }),
    );
    this.began(response.status, response.headers as ResponseHeaders);
    for await (const chunk of response.data) {
      if (this.#controller.signal.aborted) break;
      this.received(chunk as Buffer);
      if (this.#paused !== undefined) await this.#paused;
    }
    this.ended();
  }

  /** The sender of axios: only this function sees when the connection is open. */
  readonly #carrier = {
    request: (options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest => {
      const isSecure = options.protocol === 'https:';
      const sent = (isSecure ? httpsRequest : httpRequest)(options, onResponse);
      this.#mark(false);
      sent.once('socket', (socket) => {
        if (!socket.connecting) this.#mark(true);
        else socket.once(isSecure ? 'secureConnect' : 'connect', () => this.#mark(true));
      });
      let interimResponses = 0;
      sent.on('information', () => {
        interimResponses++;
        if (interimResponses > maxInterimResponses) sent.destroy(new Error(tooManyInterimResponses));
      });
      return sent;
    },
  };

  /** @param isSent whether bytes of this attempt may have been handed to a connection */
  #mark(isSent: boolean): void {
    if (this.settled) return;
    this.request.sent = isSent;
    this.request.reached = isSent || this.#wasReached;
  }

  override abort(): void {
    this.#controller.abort();
    this.resume();
  }

  override pause(): void {
    this.#paused = new Promise((resolve) => (this.#resume = resolve));
  }

  override resume(): void {
    this.#paused = undefined;
    this.#resume?.();
  }
}

function headersOf(pairs: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [name, value] = [pairs[at], pairs[at + 1]];
    if (name !== undefined && value !== undefined) headers[name] = value;
  }
  return headers;
}

function bodyOf(content: string | Uint8Array | StreamedBody | undefined): Buffer | Readable | undefined {
  if (content === undefined) return undefined;
  if (content instanceof StreamedBody) return content.open();
  return typeof content === 'string'
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

function brokeWhileKept(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('request' in error)) return false;
  const { request } = error;
  return typeof request === 'object' && request !== null && 'reusedSocket' in request && request.reusedSocket === true;
}

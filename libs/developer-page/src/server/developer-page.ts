import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson } from '@frontage/admin';
import type { RequestContext } from '@frontage/context';
import type { Timer } from '@frontage/core';
import type { DeveloperSource } from '../model/source.js';
import { EventStream, maxPages, type PageEvent } from './event-stream.js';
import { copyExchange } from '../requests/exchange-copy.js';
import { refusalOf } from './origin-check.js';
import { pageActions, type PageAction } from './page-actions.js';
import { PageData } from './page-data.js';
import { pageFile, pagePolicy } from './page-files.js';
import { RequestRecorder } from '../requests/request-recorder.js';
import { RequestRing } from '../requests/request-ring.js';
import { SandboxClient } from './sandbox-client.js';
import { UpstreamWindow } from '../requests/upstream-window.js';

/** Milliseconds between two states of the upstreams, while a page is open. */
const upstreamsEveryMs = 1_000;

type Query = URLSearchParams;

/** The page of an app in development, on its admin port: files, data, events and actions. */
export class DeveloperPage {
  readonly #source: DeveloperSource;
  readonly #boot = randomBytes(6).toString('hex');
  readonly #ring = new RequestRing();
  readonly #window: UpstreamWindow;
  readonly #events: EventStream;
  readonly #sandbox: SandboxClient | undefined;
  readonly #recorder: RequestRecorder;
  readonly #data: PageData;
  readonly #actions: ReadonlyMap<string, PageAction>;
  readonly #reads: ReadonlyMap<string, (query: Query) => unknown>;
  #timer: Timer;
  #lastUpstreams = '';

  constructor(source: DeveloperSource) {
    this.#source = source;
    const upstreams = source.upstreams();
    const boot = this.#boot;
    const ring = this.#ring;
    this.#window = new UpstreamWindow(upstreams.map(({ name }) => name));
    this.#events = new EventStream(source.clock);
    this.#sandbox = source.sandboxUrl === undefined ? undefined : new SandboxClient(source.sandboxUrl, upstreams);
    this.#recorder = new RequestRecorder({
      source,
      ring,
      window: this.#window,
      boot,
      onRecord: (record) => this.#events.send(this.#eventOf(record.id, record)),
    });
    this.#data = new PageData({ source, ring, window: this.#window, sandbox: this.#sandbox, boot });
    this.#actions = pageActions({ ring, sandbox: this.#sandbox, boot, url: () => source.url() });
    this.#reads = new Map<string, (query: Query) => unknown>([
      ['/developer/state', () => this.#data.state()],
      ['/developer/policy', () => source.policy()],
      ['/developer/bytes', (query) => this.#bytes(query)],
      ['/developer/why', (query) => this.#why(query)],
    ]);
    this.#events.onPages = (arePages) => (arePages ? this.#begin() : this.#pause());
  }

  /** Called for each request of the app when it arrives. */
  watch(request: IncomingMessage, response: ServerResponse, context: RequestContext): void {
    this.#recorder.watch(context, copyExchange(request, response));
  }

  /** @returns false for a path that is none of the page's */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const action = this.#actions.get(path);
    const read = this.#reads.get(path);
    if (action === undefined && read === undefined && path !== '/developer/events')
      return this.#file(request, response, path);
    const refusal = refusalOf(request, action !== undefined);
    const method = action === undefined ? 'GET' : 'POST';
    if (refusal !== undefined) respond(response, 403, { detail: refusal.trim() });
    else if (request.method !== method) respond(response, 405, { detail: `${method} only` });
    else if (action !== undefined) {
      const { status, body } = await action(await readJson(request));
      respond(response, status, body);
    } else if (read === undefined) this.#open(request, response);
    else {
      const result: unknown = await read(queryOf(request));
      if (result === undefined) respond(response, 404, { detail: 'There is no such thing, or not any more' });
      else respond(response, 200, result);
    }
    return true;
  }

  close(): void {
    this.#pause();
    this.#recorder.stop();
    this.#events.close();
  }

  async #file(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const file = isRead ? await pageFile(path) : undefined;
    if (file === undefined) return false;
    response.writeHead(200, {
      ...common,
      'content-type': file.contentType,
      'content-length': file.body.length,
      'content-security-policy': pagePolicy,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    response.end(request.method === 'HEAD' ? undefined : file.body);
    return true;
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#events.open(request, response, this.#missed(request)))
      respond(response, 503, { detail: `${maxPages} pages are open: close one` });
  }

  /** The requests after the last one that the page knows; a page that knows another process, or too little, begins anew. */
  #missed(request: IncomingMessage): readonly PageEvent[] {
    const last = request.headers['last-event-id'] ?? queryOf(request).get('after') ?? '';
    const [boot, id = ''] = String(last).split('.');
    const records = boot === this.#boot && /^\d+$/.test(id) ? this.#ring.after(Number(id)) : undefined;
    if (records === undefined) return [{ name: 'reset', data: {} }];
    return records.map((record) => this.#eventOf(record.id, record));
  }

  #eventOf(id: number, data: unknown): PageEvent {
    return { name: 'request', id: `${this.#boot}.${id}`, data };
  }

  #bytes(query: Query): unknown {
    const kept = this.#ring.find(Number(query.get('id')));
    return kept && this.#data.bytes(kept, query.get('reveal') === 'true');
  }

  #why(query: Query): unknown {
    return this.#source.why(query.get('method') ?? '', query.get('route') ?? '', query.get('member') ?? '') ?? [];
  }

  /** Works for pages that are open: without one, nothing is looked at. */
  #begin(): void {
    this.#lastUpstreams = '';
    this.#tick();
    this.#sandbox?.watch((state) => this.#events.send({ name: 'sandbox', data: state }));
  }

  #pause(): void {
    if (this.#timer !== undefined) this.#source.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#sandbox?.stop();
  }

  #tick(): void {
    const upstreams = this.#data.upstreams();
    const text = JSON.stringify(upstreams);
    if (text !== this.#lastUpstreams) this.#events.send({ name: 'upstreams', data: upstreams });
    this.#lastUpstreams = text;
    this.#timer = this.#source.clock.setTimer(() => this.#tick(), upstreamsEveryMs);
  }
}

const common = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

function respond(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    ...common,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': "default-src 'none'",
  });
  response.end(body);
}

const queryOf = ({ url = '/' }: IncomingMessage): Query => new URL(url, 'http://page').searchParams;

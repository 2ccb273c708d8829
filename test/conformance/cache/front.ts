import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { OperationCache } from '@frontage/caching';
import { createUpstream, type Upstream } from '@frontage/clients';
import { RequestContext } from '@frontage/context';
import {
  channels,
  type CacheUsed,
  SchemaTable,
  type Clock,
  type Method,
  type OperationInfo,
  type Outcome,
  type ParameterSpec,
} from '@frontage/core';
import type { Case } from './definitions.js';

/** The cache that is tried. */
export interface Profile {
  readonly name: 'shared' | 'private' | 'targeted';
  readonly scope: 'public' | 'caller';
  readonly targets: readonly string[];
}

export const profiles: readonly Profile[] = [
  { name: 'shared', scope: 'public', targets: [] },
  { name: 'private', scope: 'caller', targets: [] },
  { name: 'targeted', scope: 'public', targets: ['cdn-cache-control'] },
];

interface Asked {
  readonly method: Method;
  readonly id: string;
  readonly file: string | undefined;
  readonly query: string | undefined;
  readonly body: string;
}

/** One case in front of the origin: an upstream with a cache of its own. */
interface Route {
  readonly upstream: Upstream;
  readonly perform: (asked: Asked, context: RequestContext) => Promise<Outcome<unknown>>;
}

const methods: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'];
const isMethod = (text: string): text is Method => methods.some((method) => method === text);

/** Fields that policy adds to each call: which request of the client it is for, and credentials, which no case has in its key. */
const added = ['req-num', 'authorization'];
/** Fields that no client of ours hands on. */
const neverForwarded: ReadonlySet<string> = new Set([...added, 'cookie', 'content-type', 'test-id']);

/**
 * A server that hands on what operations of a real upstream with `follow: upstream` give: their value, the headers that their contract
 * declares, and the status of a failure. It keeps nothing itself.
 */
export class Front {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #origin: string;
  readonly #profile: Profile;
  readonly #routes = new Map<string, Route>();
  /** Loads in the background that have not ended. */
  #loading = 0;
  // The docstring of the channel gives this type.
  readonly #listen = (message: unknown): void => this.#heard((message as CacheUsed).result);

  private constructor(clock: Clock, origin: string, profile: Profile) {
    this.#clock = clock;
    this.#origin = origin;
    this.#profile = profile;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#respond(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(clock: Clock, origin: string, profile: Profile): Promise<Front> {
    const front = new Front(clock, origin, profile);
    channels.cacheUsed.subscribe(front.#listen);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Serves a case under `/test/<id>`. */
  serve(id: string, test: Case): void {
    this.#routes.set(id, this.#routeOf(test));
  }

  /** Waits for the loads in the background that the requests so far began. */
  async settled(): Promise<void> {
    while (this.#loading > 0) await new Promise<void>((resolve) => void setImmediate(resolve));
  }

  #heard(result: CacheUsed['result']): void {
    if (result === 'refresh') this.#loading++;
    // A load of a request ends before its response: while one in the background runs, there is no other.
    else if (this.#loading > 0 && (result === 'miss' || result === 'revalidated')) this.#loading--;
  }

  async end(id: string): Promise<void> {
    await this.#routes.get(id)?.upstream.close();
    this.#routes.delete(id);
  }

  async stop(): Promise<void> {
    channels.cacheUsed.unsubscribe(this.#listen);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #routeOf(test: Case): Route {
    const { scope, targets } = this.#profile;
    const operations = operationsOf(test);
    const requested = namesOf(test, 'request');
    const reads = operations.filter(({ method }) => method === 'GET' || method === 'HEAD');
    const sources = added
      .filter((name) => name === 'req-num' || requested.includes(name))
      .map((header) => ({
        header,
        isPerCaller: false,
        valueFor: ({ headers }: RequestContext) => headers[header] as string | undefined,
      }));
    const upstream = createUpstream(
      'origin',
      {
        urls: [this.#origin],
        lenient: ['empty', 'contentType'],
        forwardHeaders: requested.filter((name) => !neverForwarded.has(name)),
        sources,
        cache: Object.fromEntries(reads.map(({ id }) => [id, { follow: 'upstream', scope, targets }])),
      },
      { clock: this.#clock, cache: new OperationCache({}, this.#clock) },
    );
    const bound = new Map(operations.map((info) => [info.id, upstream.executor(info)]));
    return {
      upstream,
      perform: ({ method, id, file, query, body }, context) => {
        const perform = bound.get(`${method}/test/{id}${file === undefined ? '' : '/{file}'}`);
        if (perform === undefined) throw new Error(`no operation for ${method}`);
        const [name = '', value = ''] = query?.split('=') ?? [];
        const args = {
          path: { id, ...(file !== undefined && { file }) },
          ...(query !== undefined && { query: { [name]: value } }),
          ...(body !== '' && { body }),
        };
        const deadlineAt = this.#clock.now() + 10_000;
        return perform(args, { context, part: 'test', deadlineAt, cancellation: context.cancellation });
      },
    };
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const [path = '', query] = url.split('?');
    const [, , id = '', file] = path.split('/');
    const route = this.#routes.get(id);
    const body = await text(request);
    if (route === undefined || !isMethod(method)) {
      response.writeHead(501).end();
      return;
    }
    const context = new RequestContext('r', this.#clock.now(), method, '192.0.2.1', request.headers);
    context.caller = { subject: 'ada', scopes: [], roles: [] };
    const outcome = await route.perform({ method, id, file, query, body }, context);
    response.sendDate = false;
    if (!outcome.ok) {
      const said = outcome.declared?.body;
      response.statusCode = outcome.upstreamStatus ?? (outcome.status === 'skipped' ? 504 : 502);
      response.end(typeof said === 'string' ? said : undefined);
      return;
    }
    const { 'server-status': status = 200, ...headers } = outcome.headers ?? {};
    response.statusCode = Number(status);
    // The length and the frame of this response are its own.
    for (const [name, value] of Object.entries(headers))
      if (!framing.has(name)) response.setHeader(name, String(value));
    response.end(typeof outcome.value === 'string' ? outcome.value : undefined);
  }
}

const framing: ReadonlySet<string> = new Set(
  'content-length transfer-encoding connection keep-alive upgrade content-encoding trailer'.split(' '),
);

const contract = { upstream: 'origin', title: 'Origin', version: '1', schemas: new SchemaTable([]) };
/** Fields by which the origin tells of its response what the outcome of an operation does not. */
const told = ['server-request-count', 'server-status', 'server-now', 'age', 'date'];

/** The operations that a case may call, with all response headers in it declared. */
function operationsOf(test: Case): readonly OperationInfo[] {
  const headers = [...new Set([...told, ...namesOf(test, 'response')])].map((name) => ({ name }));
  const query = new Set(test.requests.flatMap(({ query_arg: written }) => written?.split('=').slice(0, 1) ?? []));
  const asked: ParameterSpec[] = Array.from(query, (name) => ({ name, in: 'query' }));
  const any = { media: 'text/plain', also: ['*/*'] };
  return methods.flatMap((method) =>
    ['/test/{id}', '/test/{id}/{file}'].map((path) => ({
      contract,
      id: `${method}${path}`,
      method,
      path,
      headers,
      parameters: [...asked, ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => inPath(name))],
      ...(method !== 'GET' && method !== 'HEAD' && { body: { media: ['text/plain'] } }),
      responses: [
        { status: '2XX', ...any },
        { status: 'default', ...any },
      ],
    })),
  );
}

const inPath = (name: string): ParameterSpec => ({ name, in: 'path', required: true });

/** The names of all headers of the requests or the responses of a case, in lower case. */
function namesOf({ requests }: Case, of: 'request' | 'response'): readonly string[] {
  const names = requests.flatMap((step) => {
    const lists =
      of === 'request'
        ? [step.request_headers, step.cache === undefined ? [] : ['cache-control']]
        : [step.response_headers, step.expected_response_headers, step.expected_response_headers_missing];
    return lists.flatMap((list = []) => list.map((header) => (typeof header === 'string' ? header : header[0])));
  });
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

import { readContract, type ContractDocument } from '@frontage/contracts';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { isRecord, problem, type Behaviour, type SandboxResponse } from './model/behaviour.js';
import { CallLog } from './server/call-log.js';
import { readOverlays, type ContractFile } from './contract/contract-files.js';
import { OpenIdProvider } from './openid/openid-provider.js';
import { TokenIssuer, type TokenRequest } from './openid/token-issuer.js';
import { controlResponse, readForm } from './server/control-routes.js';
import { HostCheck } from './server/host-check.js';
import { writeResponse } from './server/response-writer.js';
import { customers, storefront } from './seed/storefront.js';
import { SandboxUpstream } from './server/upstream.js';

export interface SandboxOptions {
  readonly contracts: readonly ContractFile[];
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** @default 127.0.0.1: the sandbox gives tokens to every caller */
  readonly host?: string;
  /**
   * Further host names without a port, beside localhost, 127.0.0.1 and [::1]; a `host` that is a name or an address of one machine is
   * one of them. Requests for other names get 421.
   * @default none
   */
  readonly allowedHosts?: readonly string[];
  /** Seed of generated values. The same seed gives the same bytes. @default frontage */
  readonly seed?: string;
  /**
   * Handlers that go beyond the contracts, by upstream.
   * @default those of the example shop, for contracts that name one of its services in `info: { x-frontage-sandbox: users }`
   */
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  /** Audiences of tokens that are requested without one. @default none */
  readonly audiences?: () => readonly string[];
}

export interface Sandbox {
  /** Without a slash at the end; `<url>/<upstream>` is the address of an upstream, `<url>/issuer` that of the token issuer. */
  readonly url: string;
  issueToken(request: TokenRequest): Promise<string>;
  /** Closes open connections too. */
  close(): Promise<void>;
}

/** Addresses that mean all interfaces of a machine: no request has one of them as its host. */
const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Starts a server that plays all upstreams of these contracts.
 * @throws where NODE_ENV is production, a contract cannot be read, or the port is taken (EADDRINUSE)
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Error('The sandbox does not run with NODE_ENV=production: it gives tokens to every caller.');
  }
  const { contracts, port = 0, host = '127.0.0.1', seed = 'frontage', behaviours } = options;
  const bound = isIPv6(host) ? `[${host}]` : host;
  const hosts = new HostCheck([...(options.allowedHosts ?? []), ...(anyAddress.has(host) ? [] : [bound])]);
  const shop = storefront();
  const log = new CallLog();
  const tokens = new TokenIssuer(options.audiences ?? (() => []), seed);
  const provider = new OpenIdProvider({ tokens, people: customers, isKnownHost: (name) => hosts.isName(name) });
  const read = contracts.map(async (files) => {
    const { upstream: name, file } = files;
    const contract = await readContract(file, { lint: false, overlays: await readOverlays(files) });
    const behaviour = behaviours === undefined ? behaviourOf(shop, exampleOf(contract)) : behaviourOf(behaviours, name);
    return new SandboxUpstream({ name, contract, behaviour, seed: `${seed} ${name}`, log });
  });
  const upstreams = new Map((await Promise.all(read)).map((upstream) => [upstream.name, upstream]));

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // A caller that leaves is no error of the sandbox.
    response.on('error', () => {});
    serve(request, response).catch((error: unknown) => fail(response, error));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const url = `http://${bound}:${address.port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = hosts.refusal(request);
    if (refusal !== undefined) return void writeResponse(response, refusal);
    const [, first = '', rest = ''] = /^\/([^/?]*)(.*)$/s.exec(request.url ?? '/') ?? [];
    const upstream = upstreams.get(decodeURIComponent(first));
    if (upstream !== undefined) return upstream.handle(request, response, rest.startsWith('/') ? rest : `/${rest}`);
    const { pathname, searchParams } = new URL(rest, 'http://sandbox');
    writeResponse(response, await ownResponse(request, first, pathname, searchParams));
  }

  async function ownResponse(
    request: IncomingMessage,
    first: string,
    path: string,
    query: URLSearchParams,
  ): Promise<SandboxResponse> {
    const isIssuer = first === 'issuer';
    const isGuarded = first === '__sandbox' || (isIssuer && OpenIdProvider.isGuarded(path));
    const refusal = isGuarded ? hosts.refusalOfPage(request) : undefined;
    if (refusal) return refusal;
    const { method = 'GET', headers } = request;
    const form = () => readForm(request);
    if (first === '__sandbox' && path === '/issuer') return provider.control(method, await form());
    if (first === '__sandbox') return controlResponse(upstreams, log, request, path, query);
    const { authorization, cookie } = headers;
    const asked = { method, path, query, authorization, cookie, form };
    const response = isIssuer ? await provider.respond(`${url}/issuer`, asked) : undefined;
    if (response !== undefined) return response;
    return first === '' ? index(url, upstreams) : problem(404, 'There is nothing here', { detail: `Look at ${url}/` });
  }

  return {
    url,
    issueToken: (request) => tokens.issue(`${url}/issuer`, request),
    close: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
    },
  };
}

const behaviourOf = (behaviours: Readonly<Record<string, Behaviour>>, name: string | undefined): Behaviour =>
  (name !== undefined && Object.hasOwn(behaviours, name) ? behaviours[name] : undefined) ?? {};

/** The service of the example shop that a contract is the contract of: a team may have operations of the same names. */
function exampleOf({ bundled }: ContractDocument): string | undefined {
  const { info } = bundled;
  const name = isRecord(info) ? info['x-frontage-sandbox'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** The index page of the sandbox. */
function index(url: string, upstreams: ReadonlyMap<string, SandboxUpstream>): SandboxResponse {
  const listed = [...upstreams].map(([name, { contract }]) => ({
    upstream: name,
    url: `${url}/${name}`,
    title: `${contract.title} ${contract.version}`,
    operations: contract.operations.map(({ id, method, path }) => `${id}: ${method} ${path}`),
    refused: contract.refused.map(({ method, path, reason }) => `${method} ${path}: ${reason}`),
  }));
  const controls = ['faults', 'calls', 'issuer'].map((name) => `${url}/__sandbox/${name}`);
  return { status: 200, body: { issuer: `${url}/issuer`, controls, upstreams: listed } };
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  writeResponse(
    response,
    problem(500, 'The sandbox failed', { detail: error instanceof Error ? error.message : String(error) }),
  );
}

import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type LogLevel, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { urlHost } from '@frontage/admin';
import { workerLink, type WorkerLink } from '@frontage/cluster';
import type { BffConfig } from '@frontage/config';
import { ProblemError, systemClock } from '@frontage/core';
import { AdminPort } from './admin/admin-port.js';
import { takeJsonAlone } from './body/body-parser.js';
import { answerClientError } from './exchange/client-error.js';
import { describeApp, type AppDescription } from './runtime/describe.js';
import { FrontageModule } from './nest/frontage.module.js';
import type { GatewayOptions } from './runtime/gateway.options.js';
import { Outbound } from './outbound/outbound.js';
import { listenAddresses, resolveAhead } from './outbound/start-names.js';
import { FastifyEntry, type EntryReply, type EntryRequest } from './entry/fastify-entry.js';
import { readConfig } from './runtime/read-config.js';
import { RUNTIME, type GatewayRuntime } from './runtime/runtime.js';
import { closingResponses, type Ending } from './shutdown/closing-response.js';
import type { Drain } from './shutdown/drain.js';
import { runUntilSignal } from './shutdown/run-until-signal.js';
import { otherPort, startupMessage } from './startup-message.js';

@Module({})
class GatewayRoot {}

/** A BFF: one Nest application on Fastify with the pipeline, the screens and the admin port of Frontage. */
export interface Gateway {
  /** What `main.ts` calls: serves until SIGTERM or SIGINT, or prints what the app is when started with `--describe`, or its OpenAPI document with `--openapi`. Ends the process where it cannot start. */
  listen(): Promise<void>;
  /** Serves and gives back the addresses; for tests and for who ends the process in a way of their own. */
  start(): Promise<GatewayAddress>;
  describe(): Promise<AppDescription>;
  /** The OpenAPI 3.1 document of what clients of the app get, without opening a port. */
  openApi(): Promise<Readonly<Record<string, unknown>>>;
  /** Stops accepting, lets requests under way end for `shutdown.grace` at most, closes every connection. */
  close(): Promise<void>;
}

export interface GatewayAddress {
  /** `http://127.0.0.1:4001` */
  readonly url: string;
  /** Undefined where the admin port is switched off. */
  readonly adminUrl: string | undefined;
}

/** Makes a BFF from a Nest module. Nothing is read or opened before `start`, `describe` or `listen`. */
export function createGateway(module: Type | DynamicModule, options: GatewayOptions = {}): Gateway {
  const { clock = systemClock } = options;
  let app: NestFastifyApplication | undefined;
  /** Set by `listen`: a test asks for no names that it does not use. */
  let isMain = false;

  const create = async (config: BffConfig, admin: boolean, outbound?: Outbound): Promise<NestFastifyApplication> => {
    const root = {
      module: GatewayRoot,
      imports: [FrontageModule.forRoot({ ...options, admin, loaded: config }, outbound), module],
    };
    let drain: Drain | undefined;
    const ending = {
      get isDraining(): boolean {
        return drain?.isDraining === true;
      },
    };
    const created = await NestFactory.create<NestFastifyApplication>(root, fastifyFor(config, ending), {
      logger: logLevels,
      // Fastify's own reads JSON; Nest's would read forms too.
      bodyParser: false,
      abortOnError: false,
    });
    const { maxConnections } = config.limits;
    const server = created.getHttpServer();
    if (maxConnections !== undefined) server.maxConnections = maxConnections;
    drain = created.get<GatewayRuntime>(RUNTIME).drain;
    drain.serves(server);
    created.get(AdminPort).document(created);
    return created;
  };

  const serve = async (policy: BffConfig, link?: WorkerLink): Promise<GatewayAddress> => {
    const outbound = new Outbound(policy, clock);
    const config = await listenAddresses(policy, outbound.names, clock, say).catch((cause: unknown) => {
      outbound.close();
      throw cause;
    });
    if (isMain) resolveAhead(config, outbound.names, clock, say);
    // Of several processes the primary holds the admin port.
    app = await create(config, options.admin !== false && link === undefined, outbound);
    try {
      if (link !== undefined) {
        const runtime = app.get<GatewayRuntime>(RUNTIME);
        runtime.limiter.share(link);
        runtime.readiness.shareWith(link);
      }
      await app.init();
      // Nest would log what is thrown to us anyway.
      app.useLogger(false);
      await app.listen(config.listen.port, config.listen.host);
      app.useLogger(logLevels);
    } catch (cause) {
      await app.close();
      throw cause;
    }
    const { port } = app.getHttpServer().address() as AddressInfo;
    return { url: `http://${urlHost(config.listen.host)}:${port}`, adminUrl: app.get(AdminPort).url };
  };

  const close = async (): Promise<void> => {
    if (app === undefined) return;
    const { graceMs } = app.get<GatewayRuntime>(RUNTIME).config.shutdown;
    const server = app.getHttpServer();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await app.close();
    clearTimeout(cut);
  };

  /** The same, for an app that clients and load balancers may not yet know to be ending. */
  const stop = async (): Promise<void> => {
    const runtime = app?.get<GatewayRuntime>(RUNTIME);
    await runtime?.drain.begin(runtime.config.shutdown);
    await close();
  };

  /** Makes the app as it would serve, reads something off it, and lets it go; nothing listens and nothing connects. */
  const readOff = async <T>(read: (made: NestFastifyApplication, config: BffConfig) => T): Promise<Awaited<T>> => {
    const config = readConfig(options, { unset: 'stand_in' });
    const { redis: _notConnected, ...rest } = config;
    const created = await create({ ...rest, log: { level: config.log.level, requests: false } }, false);
    try {
      await created.init();
      return await read(created, config);
    } finally {
      await created.close();
    }
  };

  const describe = (): Promise<AppDescription> =>
    readOff((made, config) => describeApp(made.get<GatewayRuntime>(RUNTIME), config));

  const openApi = (): Promise<Readonly<Record<string, unknown>>> =>
    readOff(async (made) => {
      // Loaded here alone: the OpenAPI scanner has no place in an app that serves.
      const { openApiDocument } = await import('./openapi/openapi-document.js');
      return openApiDocument(made.get<GatewayRuntime>(RUNTIME), made);
    });

  const answerPrimary = (link: WorkerLink, made: NestFastifyApplication, config: BffConfig, url: string): void => {
    const { adminPort: port, adminHost: host } = config.listen;
    link.serve({
      ready: {
        url,
        admin: options.admin === false ? undefined : { port, host, otherPort: otherPort('adminPort', config) },
        shutdown: config.shutdown,
      },
      drain: made.get<GatewayRuntime>(RUNTIME).drain,
      page: (path) => made.get(AdminPort).page(path),
      close,
    });
  };

  const listen = async (): Promise<void> => {
    let config: BffConfig | undefined;
    let link: WorkerLink | undefined;
    try {
      for (const [option, print] of Object.entries({ '--describe': describe, '--openapi': openApi })) {
        if (!process.argv.includes(option)) continue;
        process.stdout.write(`${JSON.stringify(await print(), null, 2)}\n`);
        return;
      }
      outliveReaders();
      link = workerLink();
      isMain = true;
      config = readConfig(options);
      const address = await serve(config, link);
      if (link !== undefined && app !== undefined) {
        answerPrimary(link, app, config, address.url);
        return;
      }
      process.stdout.write(`${JSON.stringify({ ready: true, ...address })}\n`);
      runUntilSignal({ ...config.shutdown, stop });
    } catch (cause) {
      process.stderr.write(`${startupMessage(cause, config)}\n`);
      process.exitCode = 1;
      // The way to the primary would keep it running.
      if (link !== undefined) process.exit();
    }
  };

  return { listen, start: () => serve(readConfig(options)), describe, openApi, close };
}

function fastifyFor(config: BffConfig, ending: Ending): FastifyAdapter {
  const { limits, listen } = config;
  let entry: FastifyEntry | undefined;
  const adapter = new FastifyAdapter({
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: listen.keepAliveMs,
    // Who the client is follows from `listen.trustedProxies`, decided by us; Fastify believes nobody (RELIABILITY H7).
    trustProxy: false,
    clientErrorHandler: answerClientError,
    // A path that the router cannot read (RELIABILITY H5): `%zz`, or a parameter longer than any name.
    frameworkErrors: (_error: Error, request: EntryRequest, reply: EntryReply) =>
      entry?.answerUnreadable(request, reply, new ProblemError('GW_BAD_REQUEST')),
    http: {
      ServerResponse: closingResponses(ending),
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      // Checked by us: Node refuses it without a problem body, and goes on with what is pipelined behind it.
      requireHostHeader: false,
      // How soon Node notices that one of the two has passed; by itself it looks every half minute.
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
    },
    forceCloseConnections: 'idle',
  });
  // Its hook comes before all others.
  entry = FastifyEntry.of(adapter);
  takeJsonAlone(adapter.getInstance());
  return adapter;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Who reads our output may go before we do: that is no reason to end. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

const logLevels: LogLevel[] = ['error', 'warn'];

import 'reflect-metadata';
import { Module, type DynamicModule, type LogLevel, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { sharedHashKey, type WorkerLink } from '@frontage/cluster';
import { PolicyFiles, type BffConfig } from '@frontage/config';
import { systemClock, type Clock } from '@frontage/core';
import type { Tracing } from '@frontage/tracing';
import { AdminPort } from './admin/admin-port.js';
import { fastifyFor } from './entry/fastify-adapter.js';
import { TlsEntry } from './entry/tls-entry.js';
import { FrontageLogger } from './nest/frontage-logger.js';
import { FrontageModule } from './nest/frontage.module.js';
import { Outbound } from './outbound/outbound.js';
import { listenAddresses, resolveAhead } from './outbound/start-names.js';
import type { GatewayOptions } from './runtime/gateway.options.js';
import { readConfig } from './runtime/read-config.js';
import { RUNTIME, type GatewayRuntime } from './runtime/runtime.js';
import { unservedScreens } from './routes/screen-check.js';
import type { Ending } from './shutdown/closing-response.js';
import type { Drain } from './shutdown/drain.js';

@Module({})
class GatewayRoot {}

export interface Serving {
  /** `listen` serves, not a test. */
  readonly isMain: boolean;
  readonly link?: WorkerLink | undefined;
}

/** The Nest application of a BFF: made to serve, or only to be read. */
export class GatewayApp {
  readonly #module: Type | DynamicModule;
  readonly #options: GatewayOptions;
  readonly #clock: Clock;
  #served: NestFastifyApplication | undefined;

  constructor(module: Type | DynamicModule, options: GatewayOptions) {
    this.#module = module;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Makes the app and lets it listen. A test asks for no names that it does not use. */
  async serve(policy: BffConfig, { isMain, link }: Serving): Promise<NestFastifyApplication> {
    refuseLoneSessions(policy, link);
    const { tls: files } = policy.listen;
    const tls = files && (await TlsEntry.open(policy, files, sharedHashKey(), this.#clock));
    const outbound = new Outbound(policy, this.#clock);
    const config = await listenAddresses(policy, outbound.names, this.#clock, say).catch((cause: unknown) => {
      outbound.close();
      throw cause;
    });
    if (isMain) resolveAhead(config, outbound.names, this.#clock, say);
    // Of several processes the primary holds the admin port.
    const admin = this.#options.admin !== false && link === undefined;
    const app = await this.#create(config, admin, outbound, tls);
    this.#served = app;
    try {
      if (link !== undefined) shareWith(link, runtimeOf(app));
      await this.#open(app, config);
    } catch (cause) {
      await app.close();
      throw cause;
    }
    if (isMain) warnOfUnserved(runtimeOf(app));
    return app;
  }

  /** Makes the app as it would serve, reads something off it, and lets it go; nothing listens and nothing connects. */
  async readOff<T>(read: (app: NestFastifyApplication, config: BffConfig) => T): Promise<Awaited<T>> {
    const config = readConfig(this.#options, { unset: 'placeholder' });
    const { redis: _notConnected, listen, tracing, ...rest } = config;
    const { tls: _notServed, behindCdn: _notAsked, ...plain } = listen;
    // The result goes to standard output, and a line of a log would stand in it.
    const app = await this.#create(
      {
        ...rest,
        listen: plain,
        log: { level: 'silent', requests: false },
        tracing: { slowMs: tracing.slowMs, always: tracing.always, isOff: true },
      },
      false,
    );
    try {
      await app.init();
      return await read(app, config);
    } finally {
      await app.close();
    }
  }

  /** Lets requests under way end for `shutdown.grace` at most, then closes every connection. */
  async close(): Promise<void> {
    const app = this.#served;
    if (app === undefined) return;
    const { graceMs } = runtimeOf(app).config.shutdown;
    const server = app.getHttpServer();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await app.close();
    clearTimeout(cut);
  }

  /** The same as `close`, for an app that clients and load balancers may not yet know to be ending. */
  async drainAndClose(): Promise<void> {
    if (this.#served !== undefined) {
      const { drain, config } = runtimeOf(this.#served);
      await drain.begin(config.shutdown);
    }
    await this.close();
  }

  async #open(app: NestFastifyApplication, { listen }: BffConfig): Promise<void> {
    app.useLogger(app.get(FrontageLogger));
    await app.init();
    // Nest would log what is thrown to us anyway.
    app.useLogger(false);
    await app.listen(listen.port, listen.host);
    app.useLogger(app.get(FrontageLogger));
  }

  async #create(
    config: BffConfig,
    admin: boolean,
    outbound?: Outbound,
    tls?: TlsEntry,
  ): Promise<NestFastifyApplication> {
    const { cache, ...options } = this.#options;
    // An app that does not serve leaves the team's cache alone.
    const ownCache = outbound !== undefined && cache !== undefined ? { cache } : {};
    const frontage = FrontageModule.forRoot({ ...options, ...ownCache, admin, loaded: config }, outbound);
    const root = { module: GatewayRoot, imports: [frontage, this.#module] };
    const ending = new DrainOfApp();
    const adapter = fastifyFor(config, ending, tls?.serverOptions);
    const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
      // Until there is a log.
      logger: logLevels,
      // Fastify's own reads JSON; Nest's would read forms too.
      bodyParser: false,
      abortOnError: false,
    });
    const { maxConnections } = config.limits;
    const server = app.getHttpServer();
    if (maxConnections !== undefined) server.maxConnections = maxConnections;
    const { drain, telemetry } = runtimeOf(app);
    ending.drain = drain;
    drain.serves(server);
    if (tls !== undefined) {
      tls.serves(server);
      countTls(telemetry, tls);
    }
    app.get(AdminPort).document(app);
    return app;
  }
}

/** Each process would know the logins of its own alone. @throws ConfigError at `access.sessions` */
function refuseLoneSessions(config: BffConfig, link: WorkerLink | undefined): void {
  if (link === undefined || config.access?.sessions === undefined || config.redis !== undefined) return;
  const message = 'the processes of `frontage serve` share sessions in Redis alone; add redis: { url }';
  throw new PolicyFiles(config).error([{ path: ['access', 'sessions'], want: 'key', message }]);
}

/** Fastify asks whether the app is ending, and is made before the app. */
class DrainOfApp implements Ending {
  drain: Drain | undefined;

  get isDraining(): boolean {
    return this.drain?.isDraining === true;
  }
}

export const runtimeOf = (app: NestFastifyApplication): GatewayRuntime => app.get<GatewayRuntime>(RUNTIME);

function countTls(telemetry: Tracing, tls: TlsEntry): void {
  telemetry.read({
    name: 'frontage_tls_certificate_expires_seconds',
    kind: 'gauge',
    help: 'Time until a certificate of the port for clients expires, the first of its chain; negative afterwards.',
    value: () => tls.expiresInSeconds,
  });
  telemetry.read({
    name: 'frontage_tls_refused_handshakes_total',
    kind: 'counter',
    help: 'Connections that ended in the TLS handshake.',
    value: () => tls.refusedHandshakes,
  });
}

function shareWith(link: WorkerLink, { limiter, readiness, upstreams }: GatewayRuntime): void {
  limiter.share(link);
  upstreams.cache?.share({
    tell: (marks, isPending) => link.tellMarks(marks, isPending),
    listen: (hear) => link.listenToMarks(hear),
  });
  readiness.shareWith(link);
}

function warnOfUnserved({ routes }: GatewayRuntime): void {
  for (const { reason } of unservedScreens(routes.map(({ route }) => route))) say(`warning: ${reason}`);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const logLevels: LogLevel[] = ['error', 'warn'];

import type { HttpService } from '@nestjs/axios';
import {
  Inject,
  Module,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ApplicationConfig, DiscoveryModule, DiscoveryService, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { AuthModule, TokenVerifier } from '@frontage/auth';
import type { BffConfig } from '@frontage/config';
import { boundSending, systemClock, uncompiled } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { RateLimiter, ThrottlingModule } from '@frontage/throttling';
import { AdminPort } from '../admin/admin-port.js';
import { pageTerms } from '../developer/page-terms.js';
import { addressOf } from '../runtime/address-of.js';
import { buildRuntime } from '../runtime/build-runtime.js';
import { closeWhenDrained } from '../shutdown/close-server.js';
import type { GatewayOptions } from '../runtime/gateway.options.js';
import { authOptions, liveCredentials, startCredentials, unregisteredStrategies } from './auth-options.js';
import { clientProviders, clientsOf } from './inject-client.decorator.js';
import { FrontageLogger } from './frontage-logger.js';
import { HealthController } from './health.controller.js';
import { HTTP_SERVICE } from './http-service.js';
import { loggerProviders } from './inject-logger.decorator.js';
import { Entrance } from '../entry/entrance.js';
import { otherTransports } from '../entry/other-transports.js';
import { assertNoTls, readConfig } from '../runtime/read-config.js';
import { SessionsController } from './sessions.controller.js';
import { usageController } from './usage.controller.js';
import { PipelineGuard } from '../entry/pipeline.guard.js';
import { Outbound } from '../outbound/outbound.js';
import { ProblemFilter } from '../entry/problem.filter.js';
import { BootError, RouteTable, type OwnKind } from '../routes/routes.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

const OPTIONS = Symbol('frontage.options');
const OWN = Symbol('frontage.own.controllers');

/** More of them call the functions of a start so often that compiling these is of use. */
const manyRoutes = 60;

type OwnControllers = ReadonlyMap<Type, OwnKind>;

/** The controllers of the gateway itself that the policy asks for. */
const ownControllers = ({ access, usage }: BffConfig): OwnControllers =>
  new Map<Type, OwnKind>([
    [HealthController, 'health'],
    ...(access?.sessions === undefined ? [] : [[SessionsController, 'session'] as const]),
    ...(usage === undefined ? [] : [[usageController(usage.path), 'usage'] as const]),
  ]);

/**
 * Screens, access, limits, upstreams and telemetry for a Nest application: what {@link createGateway} starts from, and what brings
 * screens into an application that already exists, on Fastify or Express. Its hand-written controllers pass the same pipeline, so each
 * of their routes says `@Access(...)` or `@Public()` too.
 */
@Module({})
export class FrontageModule
  implements NestModule, OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  readonly #runtime: GatewayRuntime;
  readonly #admin: AdminPort;
  readonly #discovery: DiscoveryService;
  readonly #application: ApplicationConfig;
  readonly #options: GatewayOptions;
  readonly #host: HttpAdapterHost;
  readonly #modules: ModulesContainer;
  readonly #guard: PipelineGuard;
  readonly #own: OwnControllers;
  readonly #entrance = new Entrance();

  constructor(
    @Inject(RUNTIME) runtime: GatewayRuntime,
    @Inject(AdminPort) admin: AdminPort,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ApplicationConfig) application: ApplicationConfig,
    @Inject(OPTIONS) options: GatewayOptions,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(PipelineGuard) guard: PipelineGuard,
    @Inject(OWN) own: OwnControllers,
  ) {
    this.#runtime = runtime;
    this.#admin = admin;
    this.#discovery = discovery;
    this.#application = application;
    this.#options = options;
    this.#host = host;
    this.#modules = modules;
    this.#guard = guard;
    this.#own = own;
    // As early as can be, so that what main.ts registers comes after it; a test module has no adapter yet.
    this.#entrance.build(host.httpAdapter);
  }

  /**
   * @param made how the app reaches others, where that was needed before; closed with the app
   * @throws ConfigError naming every mistake of `bff.yaml` with file, line and column
   * @throws StoreAddressError (when Nest starts) where `redis` is a node of a Redis Cluster, or a Redis Sentinel
   */
  static forRoot(options: GatewayOptions = {}, made?: Outbound): DynamicModule {
    const config = readConfig(options);
    if (made === undefined) assertNoTls(config);
    const outbound = made ?? new Outbound(config, options.clock ?? systemClock);
    const { bff, access, redis, rateStore } = config;
    const own = ownControllers(config);
    const store = redis && new RedisStore({ app: config.bff, url: redis.url, names: outbound.names });
    const credentials = access && liveCredentials({ bff, access }, store, outbound, options.clock);
    const throttling = {
      app: config.bff,
      ipv6Prefix: config.limits.ipv6Prefix,
      ...(store && { redis: { store, whenDown: rateStore.whenDown } }),
    };
    const providers = [
      { provide: OPTIONS, useValue: options },
      { provide: OWN, useValue: own },
      {
        provide: RUNTIME,
        inject: [RateLimiter, { token: TokenVerifier, optional: true }, { token: HTTP_SERVICE, optional: true }],
        useFactory: async (
          limiter: RateLimiter,
          verifier: TokenVerifier | undefined,
          httpService: HttpService | undefined,
        ) => {
          const dependencies = {
            limiter,
            verifier,
            httpService,
            outbound,
            store,
            revocations: credentials?.revocations,
            sessions: credentials?.sessions,
          };
          const runtime = await buildRuntime(config, options, {
            ...dependencies,
            stopCredentials: () => {
              credentials?.revocations.stop();
              credentials?.apiKeys?.stop();
              credentials?.certificates?.stop();
              credentials?.sessions?.stop();
            },
          });
          if (credentials !== undefined) await startCredentials(config, credentials);
          return runtime;
        },
      },
      { provide: AdminPort, inject: [RUNTIME], useFactory: (runtime: GatewayRuntime) => new AdminPort(runtime) },
      PipelineGuard,
      FrontageLogger,
    ];
    const asked = () => [...clientProviders(), ...loggerProviders()];
    return {
      module: FrontageModule,
      // `@InjectClient` and `@InjectLogger` work in every module of the app, as its guard and its filter do.
      global: true,
      imports: [
        DiscoveryModule,
        ThrottlingModule.forRoot({ ...throttling, ...(options.clock && { clock: options.clock }) }),
        ...(access === undefined || credentials === undefined
          ? []
          : [AuthModule.forRoot(authOptions(config, access, credentials, outbound, options.clock))]),
        ...(Object.values(config.upstreams).some(({ transport }) => transport === 'axios')
          ? [import('./axios.module.js').then((loaded) => ({ module: loaded.AxiosModule }))]
          : []),
      ],
      controllers: [...own.keys()],
      // Read when Nest scans: a class may have been loaded after this call.
      get providers() {
        return [...providers, ...asked()];
      },
      get exports() {
        return [RUNTIME, AdminPort, FrontageLogger, ...asked().map(({ provide }) => provide)];
      },
    };
  }

  /**
   * Called after `main.ts` has set up the app and before Nest registers its routes.
   * @throws BootError naming every route that says nothing about access
   */
  configure(_consumer: MiddlewareConsumer): void {
    const table = new RouteTable({
      discovery: this.#discovery,
      application: this.#application,
      modules: this.#modules,
      own: this.#own,
    });
    const bind = (): void => this.#runtime.bind(table, clientsOf(this.#discovery));
    if (table.routes.length > manyRoutes) bind();
    else uncompiled(bind);
    const filter = new ProblemFilter(this.#runtime);
    // Nest takes the last one that fits: filters of the app come before ours, wherever they were registered.
    this.#application.getGlobalFilters().unshift(filter);
    this.#entrance.build(this.#host.httpAdapter);
    this.#entrance.open({
      runtime: this.#runtime,
      filter,
      guard: this.#guard,
      application: this.#application,
      outside: this.#options.outside ?? [],
    });
  }

  /**
   * @throws BootError naming every class that is reached by another transport
   * @throws ConfigError at `access.strategies` where no provider registers a strategy
   */
  onModuleInit(): void {
    const found = otherTransports(this.#discovery, this.#options.outside ?? []);
    if (found.length > 0) throw new BootError(found);
    const missing = unregisteredStrategies(this.#runtime.config, this.#runtime.verifier);
    if (missing !== undefined) throw missing;
  }

  async onApplicationBootstrap(): Promise<void> {
    const server = this.#host.httpAdapter.getHttpServer();
    this.#entrance.listen(server, this.#options.outside ?? []);
    this.#runtime.drain.follows(server);
    this.#runtime.cdn?.guard(server);
    server.once('listening', () => {
      this.#runtime.readiness.start();
      // The app says first that it is ready: the client that fetches keys takes 60 ms to load.
      setImmediate(() => this.#runtime.verifier?.prepare());
    });
    closeWhenDrained(server, () => this.#runtime.drained());
    boundSending(server, this.#runtime.config.limits, this.#runtime.clock);
    if (this.#options.admin === false) return;
    const { config } = this.#runtime;
    const page = pageTerms(config, this.#options.developerPage);
    if (page !== undefined) await this.#admin.addPage(page, () => addressOf(config, server));
    await this.#admin.listen();
  }

  /** An app that is closed without a signal has had no drain: readiness says no, while running requests still end. */
  onModuleDestroy(): void {
    this.#runtime.drain.announce();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#admin.close();
    await this.#runtime.close();
  }
}

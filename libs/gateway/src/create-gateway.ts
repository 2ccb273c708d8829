import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { workerLink, type WorkerLink } from '@frontage/cluster';
import type { BffConfig } from '@frontage/config';
import { tuneCollector, uncompiled } from '@frontage/core';
import { AdminPort } from './admin/admin-port.js';
import { GatewayApp, runtimeOf } from './gateway-app.js';
import { addressOf } from './runtime/address-of.js';
import { describeApp, type AppDescription } from './runtime/describe.js';
import type { GatewayOptions } from './runtime/gateway.options.js';
import { readConfig } from './runtime/read-config.js';
import { runUntilSignal } from './shutdown/run-until-signal.js';
import { handleStrayErrors } from './shutdown/stray-errors.js';
import { otherPort, startupMessage } from './startup-message.js';

/** A BFF: one Nest application on Fastify with the pipeline, the screens and the admin port of Frontage. */
export interface Gateway {
  /** Called by `main.ts`: serves until SIGTERM or SIGINT, or prints what the app is when started with `--describe`, or its OpenAPI document with `--openapi`. Ends the process where it cannot start. */
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
  /** `http://127.0.0.1:4001`, or `https:` with `listen.tls` */
  readonly url: string;
  /** Undefined where the admin port is switched off. */
  readonly adminUrl: string | undefined;
}

/** Makes a BFF from a Nest module. Nothing is read or opened before `start`, `describe` or `listen`. */
export function createGateway(module: Type | DynamicModule, options: GatewayOptions = {}): Gateway {
  return new NestGateway(module, options);
}

class NestGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #app: GatewayApp;

  constructor(module: Type | DynamicModule, options: GatewayOptions) {
    this.#options = options;
    this.#app = new GatewayApp(module, options);
  }

  async listen(): Promise<void> {
    let config: BffConfig | undefined;
    let link: WorkerLink | undefined;
    try {
      if (await this.#printed()) return;
      outliveReaders();
      link = workerLink();
      tuneCollector({ isOneOfMany: link !== undefined });
      config = uncompiled(() => readConfig(this.#options));
      await this.#serveUntilEnd(config, link);
    } catch (cause) {
      process.stderr.write(`${startupMessage(cause, config)}\n`);
      process.exitCode = 1;
      // The way to the primary would keep it running.
      if (link !== undefined) process.exit();
    }
  }

  async start(): Promise<GatewayAddress> {
    const config = readConfig(this.#options);
    return addressesOf(await this.#app.serve(config, { isMain: false }));
  }

  describe(): Promise<AppDescription> {
    return this.#app.readOff((app, config) => describeApp(runtimeOf(app), config));
  }

  openApi(): Promise<Readonly<Record<string, unknown>>> {
    return this.#app.readOff(async (app) => {
      // Loaded here alone: the OpenAPI scanner has no place in an app that serves.
      const { openApiDocument } = await import('./openapi/openapi-document.js');
      return openApiDocument(runtimeOf(app), app);
    });
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  /** True if the process was started to print what the app is. */
  async #printed(): Promise<boolean> {
    const printed = process.argv.includes('--describe')
      ? await this.describe()
      : process.argv.includes('--openapi')
        ? await this.openApi()
        : undefined;
    if (printed === undefined) return false;
    process.stdout.write(`${JSON.stringify(printed, null, 2)}\n`);
    return true;
  }

  async #serveUntilEnd(config: BffConfig, link: WorkerLink | undefined): Promise<void> {
    const app = await this.#app.serve(config, { isMain: true, link });
    const underWay = (): number => runtimeOf(app).inFlight;
    handleStrayErrors({ graceMs: config.shutdown.graceMs, underWay, close: () => this.#app.close() });
    const address = addressesOf(app);
    if (link !== undefined) return this.#replyToPrimary(link, app, config, address.url);
    process.stdout.write(`${JSON.stringify({ ready: true, ...address })}\n`);
    return runUntilSignal({ ...config.shutdown, underWay, stop: () => this.#app.drainAndClose() });
  }

  #replyToPrimary(link: WorkerLink, app: NestFastifyApplication, config: BffConfig, url: string): void {
    const { adminPort: port, adminHost: host } = config.listen;
    const isOff = this.#options.admin === false;
    const { actions, token, isOpen = false } = app.get(AdminPort).actions;
    link.serve({
      ready: {
        url,
        admin: isOff
          ? undefined
          : {
              port,
              host,
              otherPort: otherPort('adminPort', config),
              actions: [...actions.keys()],
              isOpen,
              ...(token !== undefined && { token }),
            },
        shutdown: config.shutdown,
      },
      drain: runtimeOf(app).drain,
      underWay: () => runtimeOf(app).inFlight,
      page: (path) => app.get(AdminPort).page(path),
      act: (path, body) => app.get(AdminPort).act(path, body),
      close: () => this.#app.close(),
    });
  }
}

function addressesOf(app: NestFastifyApplication): GatewayAddress {
  // Its names are resolved there.
  const { config } = runtimeOf(app);
  return { url: addressOf(config, app.getHttpServer()), adminUrl: app.get(AdminPort).url };
}

/** The reader of our output may end before the app; the app continues. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

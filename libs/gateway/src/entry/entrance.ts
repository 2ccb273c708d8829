import type { Server } from 'node:http';
import type { Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { PipelineGuard } from './pipeline.guard.js';
import type { ProblemFilter } from './problem.filter.js';
import type { GatewayRuntime } from '../runtime/runtime.js';
import { ExpressEntry } from './express-entry.js';
import { FastifyEntry } from './fastify-entry.js';
import { takeExpectations } from './server-events.js';
import { refuseUpgrades } from './upgrades.js';

export interface Opening {
  readonly runtime: GatewayRuntime;
  readonly filter: ProblemFilter;
  readonly guard: PipelineGuard;
  readonly application: ApplicationConfig;
  /** See {@link GatewayOptions.outside}. */
  readonly outside: readonly (string | Type)[];
}

/** The entry of requests: a hook of Fastify, or a middleware and a guard on Express. */
export class Entrance {
  #fastify: FastifyEntry | undefined;
  #express: ExpressEntry | undefined;

  /** Puts it before everything else that the adapter gets; done once, as soon as there is an adapter. */
  build(adapter: HttpAdapterHost['httpAdapter'] | undefined): void {
    if (adapter === undefined || this.#fastify !== undefined || this.#express !== undefined) return;
    if (adapter instanceof FastifyAdapter) this.#fastify = FastifyEntry.of(adapter);
    else {
      this.#express = new ExpressEntry();
      adapter.use(this.#express.middleware);
    }
  }

  open({ runtime, filter, guard, application, outside }: Opening): void {
    const paths = outside.filter((named) => typeof named === 'string');
    this.#fastify?.open({ runtime, filter, outside: paths });
    if (this.#express === undefined) return;
    this.#express.open({ runtime, filter });
    // Before the guards of the app, wherever they were registered: what ours refuses, they never see.
    application.getGlobalGuards().unshift(guard);
  }

  /** @throws BootError for a server that takes upgrades past the pipeline */
  listen(server: Server, outside: readonly (string | Type)[]): void {
    takeExpectations(server);
    refuseUpgrades(server, outside);
  }
}

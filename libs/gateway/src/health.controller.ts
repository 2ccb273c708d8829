import { Controller, Get, Header, Inject } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import type { HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Public } from '@frontage/auth';
import { RUNTIME, type GatewayRuntime } from './runtime.js';

interface Terminus {
  readonly health: HealthCheckService;
  readonly indicators: HealthIndicatorService;
}

/** What an orchestrator asks. Liveness never depends on upstreams (RELIABILITY F26): restarting us would not mend them. */
@Controller()
export class HealthController {
  readonly #runtime: GatewayRuntime;
  readonly #modules: LazyModuleLoader;
  #terminus: Promise<Terminus> | undefined;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime, @Inject(LazyModuleLoader) modules: LazyModuleLoader) {
    this.#runtime = runtime;
    this.#modules = modules;
  }

  /** The process answers. */
  @Public()
  @Get('livez')
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** New requests are welcome: not draining, and no upstream that policy calls `required` is being left alone. */
  @Public()
  @Get('readyz')
  @Header('cache-control', 'no-cache, no-store, must-revalidate')
  async ready(): Promise<HealthCheckResult> {
    this.#terminus ??= loadTerminus(this.#modules);
    const { health, indicators } = await this.#terminus;
    const required = this.#runtime.upstreams
      .used()
      .filter(({ name }) => this.#runtime.config.upstreams[name]?.required);
    const accepting = indicators.check('accepting');
    return health.check([
      () => (this.#runtime.draining ? accepting.down() : accepting.up()),
      ...required.map((upstream) => () => {
        const indicator = indicators.check(upstream.name);
        return upstream.breakerState() === 'open' ? indicator.down() : indicator.up();
      }),
    ]);
  }
}

/** Loaded by the first question: a start does not need it. */
async function loadTerminus(modules: LazyModuleLoader): Promise<Terminus> {
  const { HealthCheckService, HealthIndicatorService, TerminusModule } = await import('@nestjs/terminus');
  const loaded = await modules.load(() => TerminusModule.forRoot({ logger: false }), { logger: false });
  return { health: loaded.get(HealthCheckService), indicators: loaded.get(HealthIndicatorService) };
}

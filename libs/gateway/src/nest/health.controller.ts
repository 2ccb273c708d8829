import { Controller, Get, Header, HttpStatus, Inject, Res, ServiceUnavailableException } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import type { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Public } from '@frontage/auth';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

interface HealthResponse {
  readonly status: 'ok' | 'error';
}

/** Both platforms of Nest set the status of a response so. */
interface StatusSetter {
  status(code: number): unknown;
}

interface Terminus {
  readonly health: HealthCheckService;
  readonly indicators: HealthIndicatorService;
}

/**
 * Health checks for an orchestrator. Liveness never depends on upstreams (RELIABILITY F26): a restart would not repair them. The responses name
 * nothing that is behind this app; the admin port does.
 */
@Controller()
export class HealthController {
  readonly #runtime: GatewayRuntime;
  readonly #modules: LazyModuleLoader;
  #terminus: Promise<Terminus> | undefined;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime, @Inject(LazyModuleLoader) modules: LazyModuleLoader) {
    this.#runtime = runtime;
    this.#modules = modules;
  }

  /** The process responds. */
  @Public()
  @Get('livez')
  live(): HealthResponse {
    return { status: 'ok' };
  }

  /** New requests are welcome. */
  @Public()
  @Get('readyz')
  @Header('cache-control', 'no-cache, no-store, must-revalidate')
  async ready(@Res({ passthrough: true }) response: StatusSetter): Promise<HealthResponse> {
    if (await this.#isHealthy()) return { status: 'ok' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'error' };
  }

  /** Terminus says no from the moment on in which Nest begins to close the app, too. */
  async #isHealthy(): Promise<boolean> {
    this.#terminus ??= loadTerminus(this.#modules);
    const { health, indicators } = await this.#terminus;
    const accepting = indicators.check('accepting');
    try {
      const { status } = await health.check([
        async () => ((await this.#runtime.readiness.isReady(1)) ? accepting.up() : accepting.down()),
      ]);
      return status === 'ok';
    } catch (thrown) {
      if (thrown instanceof ServiceUnavailableException) return false;
      throw thrown;
    }
  }
}

/** Loaded by the first question: a start does not need it. */
async function loadTerminus(modules: LazyModuleLoader): Promise<Terminus> {
  const { HealthCheckService, HealthIndicatorService, TerminusModule } = await import('@nestjs/terminus');
  const loaded = await modules.load(() => TerminusModule.forRoot({ logger: false }), { logger: false });
  return { health: loaded.get(HealthCheckService), indicators: loaded.get(HealthIndicatorService) };
}

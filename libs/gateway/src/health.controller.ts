import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { Public } from '@frontage/auth';
import { RUNTIME, type GatewayRuntime } from './runtime.js';

/** What an orchestrator asks. Liveness never depends on upstreams (RELIABILITY F26): restarting us would not mend them. */
@Controller()
export class HealthController {
  readonly #runtime: GatewayRuntime;
  readonly #health: HealthCheckService;
  readonly #indicators: HealthIndicatorService;

  constructor(
    @Inject(RUNTIME) runtime: GatewayRuntime,
    @Inject(HealthCheckService) health: HealthCheckService,
    @Inject(HealthIndicatorService) indicators: HealthIndicatorService,
  ) {
    this.#runtime = runtime;
    this.#health = health;
    this.#indicators = indicators;
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
  // The document says it in its own words; asked to, Terminus loads all of @nestjs/swagger at start.
  @HealthCheck({ noCache: true, swaggerDocumentation: false })
  ready(): Promise<HealthCheckResult> {
    const required = this.#runtime.upstreams
      .used()
      .filter(({ name }) => this.#runtime.config.upstreams[name]?.required);
    const accepting = this.#indicators.check('accepting');
    return this.#health.check([
      () => (this.#runtime.draining ? accepting.down() : accepting.up()),
      ...required.map((upstream) => () => {
        const indicator = this.#indicators.check(upstream.name);
        return upstream.breakerState() === 'open' ? indicator.down() : indicator.up();
      }),
    ]);
  }
}

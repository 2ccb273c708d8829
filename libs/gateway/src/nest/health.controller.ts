import { Controller, Get, Header, HttpStatus, Inject, Res } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

interface HealthAnswer {
  readonly status: 'ok' | 'error';
}

/** Both platforms of Nest set the status of a response so. */
interface StatusSetter {
  status(code: number): unknown;
}

/**
 * What an orchestrator asks. Liveness never depends on upstreams (RELIABILITY F26): restarting us would not mend them. The answers name
 * nothing that is behind this app; the admin port does.
 */
@Controller()
export class HealthController {
  readonly #runtime: GatewayRuntime;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  /** The process answers. */
  @Public()
  @Get('livez')
  live(): HealthAnswer {
    return { status: 'ok' };
  }

  /** New requests are welcome. */
  @Public()
  @Get('readyz')
  @Header('cache-control', 'no-cache, no-store, must-revalidate')
  async ready(@Res({ passthrough: true }) response: StatusSetter): Promise<HealthAnswer> {
    if (await this.#runtime.readiness.isReady(1)) return { status: 'ok' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'error' };
  }
}

import type { INestApplicationContext } from '@nestjs/common';
import { RUNTIME, type GatewayRuntime } from './runtime/runtime.js';
import { runUntilSignal } from './shutdown/run-until-signal.js';
import { handleStrayErrors } from './shutdown/stray-errors.js';

/**
 * For an application of a team's own that has the {@link FrontageModule}: it serves until SIGTERM, SIGINT or SIGHUP, then ends without a
 * lost request, as `shutdown` in policy says, and the process exits. A rejected promise that nothing waits for is reported, and the process
 * goes on; after an uncaught exception it ends in order with exit code 1. In place of `app.enableShutdownHooks()`, which closes at once.
 */
export function serveUntilSignal(app: INestApplicationContext): void {
  const runtime = app.get<GatewayRuntime>(RUNTIME);
  const { drain, config } = runtime;
  const underWay = (): number => runtime.inFlight;
  const close = (): Promise<void> => app.close();
  handleStrayErrors({ graceMs: config.shutdown.graceMs, underWay, close });
  runUntilSignal({
    ...config.shutdown,
    underWay,
    stop: async () => {
      await drain.begin(config.shutdown);
      await close();
    },
  });
}

import { Inject, type FactoryProvider } from '@nestjs/common';
import type { AppLogger } from '@frontage/tracing';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

const requested = new Map<string, FactoryProvider<AppLogger>>();

/** For an app whose log is silent. */
const silent: AppLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  isEnabled: () => false,
};

/**
 * Hands a logger of the app to a constructor: `constructor(@InjectLogger() private readonly log: AppLogger)`. Each of its lines has the ids of
 * the request that the code runs in, and is written and redacted as the line of a request is.
 * @param name stands in each line as `logger`. @default the name of the class
 */
export function InjectLogger(name?: string): ParameterDecorator {
  return (target, method, index) => {
    if (typeof target !== 'function') throw new TypeError('@InjectLogger() stands at a parameter of a constructor');
    const { token } = loggerOf(name ?? target.name);
    Inject(token)(target, method, index);
  };
}

function loggerOf(name: string): { readonly token: FactoryProvider['provide'] } {
  let provider = requested.get(name);
  if (provider === undefined) {
    provider = {
      provide: Symbol(`frontage.logger.${name}`),
      inject: [RUNTIME],
      useFactory: ({ telemetry }: GatewayRuntime) => telemetry.ownLog?.logger(name) ?? silent,
    };
    requested.set(name, provider);
  }
  return { token: provider.provide };
}

/** Providers of every logger that is asked for; read when Nest scans, because classes ask for them when they are loaded. */
export const loggerProviders = (): readonly FactoryProvider<AppLogger>[] => [...requested.values()];

import { describeConfig, type BffConfig } from '@frontage/config';
import { isOwn } from '../routes/routes.js';
import type { GatewayRuntime } from './runtime.js';

/** The output of `--describe`: the data that tools need about an app, without running it. */
export interface AppDescription {
  /** Grows when a reader of an older one would misread it. */
  readonly formatVersion: 1;
  readonly bff: string;
  readonly endpoints: readonly EndpointDescription[];
  readonly policy: unknown;
}

export interface EndpointDescription {
  readonly method: string;
  readonly path: string;
  /** `HomeController.show` */
  readonly handler: string;
  readonly access: unknown;
  readonly rateClass: string | undefined;
  /** Plan, view and read fields; absent for a hand-written controller. */
  readonly screen: unknown;
}

/** @param policy where it differs from what the app runs with */
export function describeApp(runtime: GatewayRuntime, policy: BffConfig = runtime.config): AppDescription {
  return {
    formatVersion: 1,
    bff: runtime.config.bff,
    endpoints: runtime.routes
      .filter(({ route }) => !isOwn(route))
      .map(({ route, screen }) => ({
        method: route.method,
        path: route.path,
        handler: `${route.controller.name}.${route.handler}`,
        access: route.access,
        rateClass: route.rateClass,
        screen: screen?.compiled.describe(),
      })),
    policy: describeConfig(policy),
  };
}

import type { Type } from '@nestjs/common';
import type { OwnCacheSource } from '@frontage/caching';
import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';

export interface GatewayOptions {
  /** Path of the app's `bff.yaml`. @default the nearest `bff.yaml` above the script that was started */
  readonly config?: string;
  /** The variables for `${VAR}` in policy. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /**
   * Entries for clients without an access rule of Frontage, each named on purpose: paths of routes that a module registers on the HTTP
   * adapter itself (`/docs`, or `/docs*` for all that begins so), classes of other transports (WebSocket gateways, message handlers), and
   * `upgrade` for a listener of upgrades that a module sets on the server.
   * The address limit and the bounds of bodies hold for such paths too; for such classes nothing of the pipeline does.
   * @default none: an app that has more does not start
   */
  readonly outside?: readonly (string | Type)[];
  /** Serves metrics, documents and switches on `listen.adminPort`. @default true */
  readonly admin?: boolean;
  /**
   * A cache of the team's own as the second tier of the operations that policy caches, in place of `redis`: what `createCache(...)` of
   * cache-manager makes, or stores of Keyv. `redis` of policy still shares the rate limits. Closed with the app.
   * @default none: the second tier is the Redis of policy, where it has one
   */
  readonly cache?: OwnCacheSource;
  /**
   * Clients may ask for states of a screen with the field `X-Frontage-Scenario`, for development and tests. It is never so in production, nor
   * where an upstream is on another machine.
   * @default true where `frontage start` or `frontage dev` has started the app
   */
  readonly scenarios?: boolean;
  /**
   * The admin port has the page for developers (docs/developer-page.md). It is never so in production, nor where `listen.adminHost` is no
   * loopback address.
   * @default with their sandbox where `frontage start` or `frontage dev` has started the app, else false
   */
  readonly developerPage?: { readonly sandboxUrl?: string | undefined } | false;
  /** A policy that was read before; `config` and `env` are not looked at then. */
  readonly loaded?: BffConfig;
}

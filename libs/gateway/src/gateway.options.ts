import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';

export interface GatewayOptions {
  /** Path of the app's `bff.yaml`. @default the nearest `bff.yaml` above the script that was started */
  readonly config?: string;
  /** Where `${VAR}` in policy is looked up. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Serves metrics, documents and switches on `listen.adminPort`. @default true */
  readonly admin?: boolean;
  /** A policy that was read before; `config` and `env` are not looked at then. */
  readonly loaded?: BffConfig;
}

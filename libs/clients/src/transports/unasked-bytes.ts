import { channels, type UnaskedBytes } from '@frontage/core';

/** Tells the operator that an upstream sent what no request had asked for: a response may reach the wrong request (RELIABILITY F36). */
export function tellOfUnaskedBytes(upstream: string, origin: string): void {
  if (channels.unaskedBytes.hasSubscribers) {
    channels.unaskedBytes.publish({ upstream, origin } satisfies UnaskedBytes);
  }
}

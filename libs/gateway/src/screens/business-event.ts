import type { ScreenResult } from '@frontage/aggregation';
import { channels, type BusinessEvent } from '@frontage/core';
import type { Exchange } from '../exchange/exchange.js';

/** Tells that a response was written, where it counts as the event. */
export type TellEvent = (exchange: Exchange, result: ScreenResult['kind']) => void;

/**
 * A response counts where the screen has made it, it is no error, and it was on its way before deadline and client gave up: a 304 shows what the
 * client has, and counts too; a HEAD shows nothing.
 * @returns `undefined` for a screen that counts as nothing
 */
export function compileEvent(event: string | undefined): TellEvent | undefined {
  if (event === undefined) return undefined;
  const told = {
    complete: { event, response: 'complete' },
    partial: { event, response: 'partial' },
  } satisfies Record<string, BusinessEvent>;
  return ({ request, response }, result) => {
    if (result === 'problem' || result === 'cancelled' || !channels.businessEvent.hasSubscribers) return;
    if (!response.headersSent || response.statusCode >= 400 || request.method === 'HEAD') return;
    channels.businessEvent.publish(result === 'partial' ? told.partial : told.complete);
  };
}

import type { CompiledScreen, CompleteResponse } from '@frontage/aggregation';
import type { BffConfig } from '@frontage/config';
import { channels, type ScreenReused } from '@frontage/core';
import type { Exchange, ScreenInput } from '../exchange/exchange.js';
import type { Route } from '../routes/routes.js';
import { varyingOf } from '../routes/varying.js';
import { screenKey, type KeptScreen, type KeptScreens } from '../validators/kept-screens.js';
import type { PartNote, PartNotes } from '../validators/part-notes.js';
import { scenarioHeader } from './scenarios.js';

interface KeepingOptions {
  readonly compiled: CompiledScreen;
  readonly route: Route;
  readonly config: BffConfig;
  readonly kept: KeptScreens | undefined;
  readonly notes: PartNotes | undefined;
  /** Clients may ask for states of a screen. */
  readonly hasScenarios: boolean;
}

/** The place of one response among those that are kept. */
interface Place {
  find(): KeptScreen | undefined;
  keep(response: CompleteResponse, tag: string | undefined): void;
  partsOf(kept: KeptScreen): readonly PartNote[];
}

/** The memory of one screen for its whole responses. */
interface Keeping {
  /** Undefined for a request whose response is made for it alone. */
  placeOf(exchange: Exchange, input: ScreenInput, maskKey: string): Place | undefined;
}

/** Compiles the `ttl` of one screen, at boot; undefined where it has none. */
export function compileKeeping({
  compiled,
  route,
  config,
  kept,
  notes,
  hasScenarios,
}: KeepingOptions): Keeping | undefined {
  const { plan } = compiled;
  const ttlMs = config.screens[plan]?.ttlMs;
  if (kept === undefined || ttlMs === undefined) return undefined;
  // The method has made the input of all that it reads itself.
  const { forwarded } = varyingOf(route, config);
  return {
    placeOf(exchange, input, maskKey) {
      const { context, request } = exchange;
      // The rules of parts are as strict as without a memory; a scenario is a state of this one request.
      if (!compiled.isWholeFor(context)) return undefined;
      if (hasScenarios && request.headers[scenarioHeader] !== undefined) return undefined;
      const key = screenKey(plan, input, exchange, forwarded, maskKey);
      return {
        find() {
          const found = kept.find(key, ttlMs);
          if (found !== undefined && channels.screenReused.hasSubscribers)
            channels.screenReused.publish({ screen: plan, result: 'hit' } satisfies ScreenReused);
          return found;
        },
        keep: (response, tag) => kept.keep(key, response, tag, notes?.of(context) ?? []),
        partsOf: (found) => kept.partsOf(found),
      };
    },
  };
}

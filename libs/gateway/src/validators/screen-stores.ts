import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import { KeptScreens } from './kept-screens.js';
import { KnownTags } from './known-tags.js';

/** The memory that all screens of an app share for whole responses; without a screen that asks for it there is none. */
export interface ScreenStores {
  readonly tags?: KnownTags;
  readonly kept?: KeptScreens;
}

export function screenStores({ screens, screenCache }: BffConfig, clock: Clock): ScreenStores {
  const policies = Object.values(screens);
  return {
    ...(policies.some(({ etag }) => etag) && { tags: new KnownTags() }),
    ...(policies.some(({ ttlMs }) => ttlMs !== undefined) && { kept: new KeptScreens(screenCache.maxBytes, clock) }),
  };
}

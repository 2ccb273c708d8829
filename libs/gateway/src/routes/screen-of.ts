import type { Screen } from '@frontage/aggregation';

/** A screen with any type of view. */
export type AnyScreen = Screen<unknown>;

const screenKey = 'frontage:screen';

export function markScreen(handler: object, screen: AnyScreen): void {
  Reflect.defineMetadata(screenKey, screen, handler);
}

export function screenOf(handler: object): AnyScreen | undefined {
  return Reflect.getMetadata(screenKey, handler) as AnyScreen | undefined;
}

import type { Screen } from '@frontage/aggregation';

/** A screen with any type of view. */
export type AnyScreen = Screen<unknown>;

/** The method on which `@Screen(...)` stands. */
export interface ScreenMethod {
  /** The class of the method. */
  readonly controller: object;
  readonly method: string;
}

const screenKey = 'frontage:screen';
const methods = new WeakMap<AnyScreen, ScreenMethod>();

export function markScreen(handler: object, screen: AnyScreen, method: ScreenMethod): void {
  Reflect.defineMetadata(screenKey, screen, handler);
  methods.set(screen, method);
}

export function screenOf(handler: object): AnyScreen | undefined {
  return Reflect.getMetadata(screenKey, handler) as AnyScreen | undefined;
}

/** The method that has the screen, listed in a module or not; the last one where there are several. */
export const methodOf = (screen: AnyScreen): ScreenMethod | undefined => methods.get(screen);

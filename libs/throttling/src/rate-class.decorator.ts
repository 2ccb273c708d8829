import { SetMetadata } from '@nestjs/common';

const rateClassKey = 'frontage:rate-class';

/** The class of a route, and the number of requests that one request to it counts as. */
export interface RouteRate {
  readonly name: string;
  readonly weight: number;
}

/**
 * Puts a route, or all routes of a controller, under a rate class of policy (`rateClasses` in `bff.yaml`). The class of a method replaces that of its controller.
 * @param options.weight the number of requests that one request counts as, a whole number from 1. @default 1
 * @throws RangeError for another weight
 */
export function RateClass(name: string, options: { readonly weight?: number } = {}): ClassDecorator & MethodDecorator {
  const { weight = 1 } = options;
  if (!Number.isSafeInteger(weight) || weight < 1)
    throw new RangeError(`@RateClass('${name}'): weight is ${weight}; write a whole number from 1`);
  return SetMetadata(rateClassKey, { name, weight } satisfies RouteRate);
}

/** The rate class of a route: that of its handler, else that of its controller. It is called at the start, not per request. */
export function rateClassOf(controller: object, handler: object): RouteRate | undefined {
  const own: RouteRate | undefined = Reflect.getMetadata(rateClassKey, handler);
  const ofClass: RouteRate | undefined = Reflect.getMetadata(rateClassKey, controller);
  return own ?? ofClass;
}

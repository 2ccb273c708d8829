import { SetMetadata } from '@nestjs/common';

const rateClassKey = 'frontage:rate-class';

/** Puts a route, or all routes of a controller, under a rate class of policy (`rateClasses` in `bff.yaml`). The class of a method replaces that of its controller. */
export function RateClass(name: string): ClassDecorator & MethodDecorator {
  return SetMetadata(rateClassKey, name);
}

/** The rate class of a route: that of its handler, else that of its controller. It is called at the start, not per request. */
export function rateClassOf(controller: object, handler: object): string | undefined {
  const own: string | undefined = Reflect.getMetadata(rateClassKey, handler);
  const ofClass: string | undefined = Reflect.getMetadata(rateClassKey, controller);
  return own ?? ofClass;
}

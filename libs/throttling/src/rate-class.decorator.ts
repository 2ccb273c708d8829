import { SetMetadata } from '@nestjs/common';

const rateClassKey = 'frontage:rate-class';

/** Puts a route, or all routes of a controller, under a rate class of policy (`rateClasses` in `bff.yaml`). A method's own wins. */
export function RateClass(name: string): ClassDecorator & MethodDecorator {
  return SetMetadata(rateClassKey, name);
}

/** The rate class of a route: its handler's own, else its controller's. For the start, not for requests. */
export function rateClassOf(controller: object, handler: object): string | undefined {
  const own: string | undefined = Reflect.getMetadata(rateClassKey, handler);
  const ofClass: string | undefined = Reflect.getMetadata(rateClassKey, controller);
  return own ?? ofClass;
}

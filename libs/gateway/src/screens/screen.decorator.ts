import { Res } from '@nestjs/common';
import type { Screen } from '@frontage/aggregation';
import { markScreen } from '../routes/screen-of.js';
import { runScreen } from './screen-runner.js';

/** The input of a plan as a method returns it: every group, before its schema has validated it. */
type Unchecked<In> = Readonly<Record<string, unknown>> & { readonly [K in keyof In]-?: unknown };
type InputMethod<In> = (...args: never[]) => Unchecked<In>;

/**
 * Serves a route with a screen: the decorated method returns the plan's input (`{ caller, path, query, body }`, each validated by the
 * schema that the plan gives for it), the gateway runs the plan and writes the response.
 */
export function Screen<A, In>(screen: Screen<A, In>) {
  return <M extends InputMethod<In>>(target: object, key: string, descriptor: TypedPropertyDescriptor<M>): void => {
    const original = descriptor.value;
    if (original === undefined) throw new TypeError(`@Screen stands on ${key}, which is not a method`);
    // The gateway writes the bytes of the response: a last, hidden parameter requests the response object from Nest, which then leaves it to us.
    const declared = Reflect.getMetadata('design:paramtypes', target, key) as readonly unknown[] | undefined;
    const responseIndex = declared?.length ?? original.length;
    Res()(target, key, responseIndex);
    const handler = function (this: unknown, ...args: unknown[]): Promise<void> {
      const input = Reflect.apply(original, this, args.slice(0, responseIndex));
      const response = args[responseIndex] as Parameters<typeof runScreen>[2];
      // Its type says that it is synchronous; JavaScript does not.
      return input instanceof Promise
        ? input.then((waited: Unchecked<In>) => runScreen(screen, waited, response))
        : runScreen(screen, input, response);
    };
    for (const name of Reflect.getMetadataKeys(original)) {
      Reflect.defineMetadata(name, Reflect.getMetadata(name, original), handler);
    }
    markScreen(handler, screen, { controller: target.constructor, method: key });
    Object.defineProperty(handler, 'name', { value: key });
    // The decorator replaces the declared method by the one that Nest calls.
    Object.assign(descriptor, { value: handler });
  };
}

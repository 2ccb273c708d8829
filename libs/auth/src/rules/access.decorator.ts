import { applyDecorators, SetMetadata } from '@nestjs/common';
import { callerRule, type CallerConditions, type CallerRule } from '@frontage/context';
import { callPlace } from '@frontage/core';
import type { RequestConditions } from './conditions.js';

/** The conditions of a route for its caller. Lists are normalised once, when the decorator runs. */
export interface AccessRule extends CallerRule, RequestConditions {}

/** Every named condition must hold. Without conditions, any authenticated caller may use the route. */
export interface AccessOptions extends CallerConditions, RequestConditions {}

/** A class or a handler as Nest hands it over: something with a name that carries metadata. */
export type AccessTarget = object & { readonly name: string };

const accessKey = 'frontage:access';
const publicKey = 'frontage:public';
const sourceKey = 'frontage:source';

/** Notes the file too: documents take the words above a method from there. */
const marked = (key: string, value: unknown, file: string | undefined): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(key, value), SetMetadata(sourceKey, file));

/**
 * Gives the access rule of a route (on a method) or of all routes of a controller (on its class). The rule of a method replaces that of its class.
 * @throws TypeError when a scope or role is empty or malformed
 */
export function Access(options: AccessOptions = {}): ClassDecorator & MethodDecorator {
  const { owner, when } = options;
  const rule: AccessRule = Object.freeze({
    ...callerRule(options, '@Access'),
    ...(owner && { owner }),
    ...(when && { when }),
  });
  return marked(accessKey, rule, callPlace(Access)?.file);
}

/** Opens a route, or all routes of a controller without a rule of their own, to everyone. */
export function Public(): ClassDecorator & MethodDecorator {
  return marked(publicKey, true, callPlace(Public)?.file);
}

function accessOn(target: AccessTarget, place: string): AccessRule | 'public' | undefined {
  const rule: AccessRule | undefined = Reflect.getMetadata(accessKey, target);
  const open: true | undefined = Reflect.getMetadata(publicKey, target);
  if (rule !== undefined && open === true) {
    throw new Error(`${place} has both @Access and @Public; keep @Access to guard it, or @Public to open it`);
  }
  return open === true ? 'public' : rule;
}

/**
 * The rule of a route: the rule of its handler, else of its controller, else `undefined` (the app must not start with such a route). It
 * is called at the start, not per request.
 * @throws Error when one target has both `@Access` and `@Public`
 */
export function accessOf(controller: AccessTarget, handler: AccessTarget): AccessRule | 'public' | undefined {
  const ofClass = accessOn(controller, controller.name);
  return accessOn(handler, `${controller.name}.${handler.name}`) ?? ofClass;
}

/** The file in which the rule of a route stands, of the handler or else of its controller: as the engine has loaded it. */
export function sourceFileOf(controller: AccessTarget, handler: AccessTarget): string | undefined {
  const own: string | undefined = Reflect.getMetadata(sourceKey, handler);
  const ofClass: string | undefined = Reflect.getMetadata(sourceKey, controller);
  return own ?? ofClass;
}

import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { AccessFacts, Conditions, OwnerPlace } from './conditions.js';
import { callPlace } from '@frontage/core';

/** The conditions of a route for its caller. Lists are normalised once, when the decorator runs. */
export interface AccessRule extends Conditions {
  /** The caller must hold every one of these scopes. */
  readonly allScopes: readonly string[];
  /** The caller must hold at least one of these scopes; empty for no such condition. */
  readonly anyScopes: readonly string[];
  /** The caller must have at least one of these roles; empty for no such condition. */
  readonly anyRoles: readonly string[];
}

/** Every named condition must hold. Without conditions, any authenticated caller may use the route. */
export interface AccessOptions {
  /** Scope or scopes, all of which the caller needs. */
  readonly scope?: string | readonly string[];
  /** Scopes of which the caller needs one. */
  readonly anyScope?: readonly string[];
  /** Role or roles, one of which the caller needs. */
  readonly role?: string | readonly string[];
  /**
   * The request must name its caller as the owner: `{ path: 'userId' }` or `{ query: 'customerId' }`, compared with the subject. A request
   * without it, or with it twice, is refused.
   */
  readonly owner?: OwnerPlace;
  /** Authentication context class or classes, one of which the token must have in `acr` (RFC 9470). Others get the challenge for a stronger login. */
  readonly acr?: string | readonly string[];
  /** Longest time since the user was authenticated (`auth_time`), in whole seconds, 1 or more. Others get the challenge for a fresh login. */
  readonly maxAge?: number;
  /** A rule of attributes: a pure function that allows the request with `true`, and refuses it with anything else. */
  readonly when?: (facts: AccessFacts) => boolean;
}

/** A class or a handler as Nest hands it over: something with a name that carries metadata. */
export type AccessTarget = object & { readonly name: string };

const accessKey = 'frontage:access';
const publicKey = 'frontage:public';
const sourceKey = 'frontage:source';

/** Notes the file too: documents take the words above a method from there. */
const marked = (key: string, value: unknown, file: string | undefined): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(key, value), SetMetadata(sourceKey, file));

// RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return Object.freeze(typeof value === 'string' ? [value] : [...value]);
}

function scopesOf(member: string, value: string | readonly string[] | undefined): readonly string[] {
  const scopes = listOf(value);
  for (const scope of scopes) {
    if (!scopeToken.test(scope)) {
      throw new TypeError(
        `@Access({ ${member} }): ${JSON.stringify(scope)} is not one scope; write several as a list: ['orders:read', 'orders:write']`,
      );
    }
  }
  if (value !== undefined && scopes.length === 0)
    throw new TypeError(`@Access({ ${member}: [] }) names no scope; leave "${member}" out or name one`);
  return scopes;
}

/**
 * Gives the access rule of a route (on a method) or of all routes of a controller (on its class). The rule of a method replaces that of its class.
 * @throws TypeError when a scope or role is empty or malformed
 */
export function Access(options: AccessOptions = {}): ClassDecorator & MethodDecorator {
  const anyRoles = listOf(options.role);
  if (options.role !== undefined && (anyRoles.length === 0 || anyRoles.includes(''))) {
    throw new TypeError('@Access({ role }) names an empty role; leave "role" out or name one');
  }
  const { owner, maxAge, when } = options;
  const acr = options.acr === undefined ? undefined : scopesOf('acr', options.acr);
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 1))
    throw new TypeError(`@Access({ maxAge }): found ${maxAge}; write whole seconds, 1 or more`);
  const rule: AccessRule = Object.freeze({
    allScopes: scopesOf('scope', options.scope),
    anyScopes: scopesOf('anyScope', options.anyScope),
    anyRoles,
    ...(owner && { owner }),
    ...(acr && { acr }),
    ...(maxAge !== undefined && { maxAgeSeconds: maxAge }),
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

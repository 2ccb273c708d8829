import { RequestMethod, type Type } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { accessOf, type AccessRule } from '@frontage/auth';
import { rateClassOf } from '@frontage/throttling';
import type { AnyScreen } from './screen.decorator.js';
import { pathMatcher } from './path-pattern.js';
import { screenOf } from './screen.decorator.js';

/** One route of the app, as everything that runs per request was decided by it at boot. */
export interface Route {
  readonly method: string;
  /** Template: `/orders/:id`. */
  readonly path: string;
  readonly controller: Type;
  /** Name of the controller's method. */
  readonly handler: string;
  readonly access: AccessRule | 'public';
  readonly rateClass: string | undefined;
  readonly screen: AnyScreen | undefined;
  /** The screen's own deadline, in milliseconds. */
  readonly deadlineMs: number | undefined;
  /** Of an answer that is no problem: what `@HttpCode` says, or Nest's own default. */
  readonly successStatus: number;
  readonly kind: 'screen' | 'controller' | 'health';
}

/** A start that must not happen: what is wrong with the app, one line per mistake. */
export class BootError extends Error {
  readonly issues: readonly string[];
  constructor(issues: readonly string[]) {
    super(issues.join('\n'));
    this.name = 'BootError';
    this.issues = issues;
  }
}

type Handler = (...args: never[]) => unknown;

/** Finds every route through Nest's own metadata. */
export class RouteTable {
  readonly #byHandler = new Map<Type, Map<object, Route>>();
  readonly routes: readonly Route[];
  readonly #patterns: readonly { readonly method: string; readonly fits: (path: string) => boolean }[];

  constructor(discovery: DiscoveryService, config: ApplicationConfig, health: Type) {
    const scanner = new MetadataScanner();
    const prefix = config.getGlobalPrefix();
    const routes: Route[] = [];
    const issues: string[] = [];
    for (const wrapper of discovery.getControllers()) {
      const controller = wrapper.metatype as Type | null;
      if (controller === null || typeof controller !== 'function') continue;
      const prototype = controller.prototype as Record<string, Handler>;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        const method = handler && (Reflect.getMetadata('method', handler) as RequestMethod | undefined);
        if (handler === undefined || method === undefined) continue;
        for (const path of paths(prefix, controller, handler)) {
          const found = readRoute(controller, name, handler, RequestMethod[method], path, controller === health);
          if (typeof found === 'string') issues.push(found);
          else {
            routes.push(found);
            this.#remember(controller, handler, found);
          }
        }
      }
    }
    if (issues.length > 0) throw new BootError(issues);
    this.routes = routes.toSorted((a, b) => (a.path + a.method < b.path + b.method ? -1 : 1));
    this.#patterns = this.routes.map(({ method, path }) => ({ method, fits: pathMatcher(path) }));
  }

  /** The methods that some route takes on this path, for `Allow` (RFC 9110 section 10.2.1). */
  methodsOn(path: string): readonly string[] {
    const methods = new Set(this.#patterns.filter(({ fits }) => fits(path)).map(({ method }) => method));
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].toSorted();
  }

  /** The route that a handler serves; one handler on several paths shares the first one's record. */
  find(controller: Type, handler: object): Route | undefined {
    return this.#byHandler.get(controller)?.get(handler);
  }

  #remember(controller: Type, handler: Handler, route: Route): void {
    let handlers = this.#byHandler.get(controller);
    if (handlers === undefined) this.#byHandler.set(controller, (handlers = new Map()));
    if (!handlers.has(handler)) handlers.set(handler, route);
  }
}

function readRoute(
  controller: Type,
  name: string,
  handler: Handler,
  method: string,
  path: string,
  health: boolean,
): Route | string {
  const access = accessOf(controller, handler);
  // Deny by default (RELIABILITY G4): a route that says nothing about access does not boot.
  if (access === undefined) {
    return `${controller.name}.${name} (${method} ${path}) says neither @Access(...) nor @Public(): write @Access({ scope: '...' }), or @Public() if everyone may call it`;
  }
  const screen = screenOf(handler);
  return {
    method,
    path,
    controller,
    handler: name,
    access,
    rateClass: rateClassOf(controller, handler),
    screen,
    deadlineMs: screen?.plan.deadlineMs,
    successStatus:
      (Reflect.getMetadata('__httpCode__', handler) as number | undefined) ?? (method === 'POST' ? 201 : 200),
    kind: health ? 'health' : screen === undefined ? 'controller' : 'screen',
  };
}

function paths(prefix: string, controller: Type, handler: Handler): string[] {
  const list = (target: object): string[] => {
    const path = Reflect.getMetadata('path', target) as string | string[] | undefined;
    return Array.isArray(path) ? path : [path ?? ''];
  };
  return list(controller).flatMap((base) => list(handler).map((own) => joinPath(prefix, base, own)));
}

/** `('', 'orders/', '/:id')` -> `/orders/:id`. */
function joinPath(...parts: readonly string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}

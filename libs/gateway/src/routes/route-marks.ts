import type { Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

type Handler = (...args: never[]) => unknown;

const markKey = Symbol('frontage.route');

/** Says on a route of Fastify which method of which controller serves it. */
export class RouteMark {
  readonly controller: Type;
  readonly handler: object;

  constructor(controller: Type, handler: object) {
    this.controller = controller;
    this.handler = handler;
  }
}

/** Has Nest put the mark into the configuration of each Fastify route that it makes for the handler, as `@RouteConfig` does. */
export function markHandler(controller: Type, name: string, handler: Handler): void {
  const config: unknown = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler);
  const mark = { [markKey]: new RouteMark(controller, handler) };
  RouteConfig(typeof config === 'object' ? { ...config, ...mark } : mark)(controller.prototype, name, {
    value: handler,
  });
}

export function markOf(config: object | undefined): RouteMark | undefined {
  const mark: unknown = config === undefined ? undefined : Reflect.get(config, markKey);
  return mark instanceof RouteMark ? mark : undefined;
}

/**
 * A method that a controller inherits is one function for all of its heirs, and so is what stands on it. Each heir gets one of its own
 * here, so that its route can be told from its sister's.
 */
export function ownHandler(controller: Type, name: string, handler: Handler): Handler {
  const prototype: object = controller.prototype;
  if (Object.hasOwn(prototype, name)) return handler;
  const own = function (this: unknown, ...args: never[]): unknown {
    return Reflect.apply(handler, this, args);
  };
  for (const key of Reflect.getMetadataKeys(handler)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), own);
  }
  Object.defineProperty(own, 'name', { value: name });
  Object.defineProperty(prototype, name, { value: own, writable: true, configurable: true, enumerable: false });
  return own;
}

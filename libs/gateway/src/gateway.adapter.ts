import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { LaneHandler, LaneReply, LaneRequest } from './screen-lane.js';
import { screenMethodOf } from './screen.decorator.js';

type Handler = (request: LaneRequest, reply: LaneReply) => unknown;

/** Nest's adapter for Fastify, where a route may get a shorter way than the one that Nest has made for it. */
export class GatewayAdapter extends FastifyAdapter {
  /** Nest registers routes before its modules are told that they are ready, so what serves a route is decided a little later. */
  readonly #undecided: ((laneFor: (handler: object) => LaneHandler | undefined) => void)[] = [];

  /** Asks for every route that is registered whether there is a lane for it; where there is none, Nest's own way stays. */
  openLanes(laneFor: (handler: object) => LaneHandler | undefined): void {
    for (const decide of this.#undecided.splice(0)) decide(laneFor);
  }

  override get(...args: unknown[]): ReturnType<FastifyAdapter['get']> {
    return super.get(...this.#shortened(args));
  }

  override post(...args: unknown[]): ReturnType<FastifyAdapter['post']> {
    return super.post(...this.#shortened(args));
  }

  override put(...args: unknown[]): ReturnType<FastifyAdapter['put']> {
    return super.put(...this.#shortened(args));
  }

  override patch(...args: unknown[]): ReturnType<FastifyAdapter['patch']> {
    return super.patch(...this.#shortened(args));
  }

  override delete(...args: unknown[]): ReturnType<FastifyAdapter['delete']> {
    return super.delete(...this.#shortened(args));
  }

  #shortened(args: readonly unknown[]): unknown[] {
    const handler = args.at(-1);
    // Nest wraps routes once more where somebody asked to be told of each.
    if (!isHandler(handler) || screenMethodOf(handler) === undefined || this.getOnRouteTriggered() !== undefined) {
      return [...args];
    }
    let way: Handler = handler;
    const serve: Handler = (request, reply) => way(request, reply);
    this.#undecided.push((laneFor) => (way = laneFor(handler) ?? handler));
    // The adapter reads from a handler what its route has besides (`@RouteConfig`, `@RouteConstraints`, a version).
    for (const key of Reflect.getMetadataKeys(handler)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), serve);
    }
    Object.defineProperty(serve, 'name', { value: handler.name });
    return [...args.slice(0, -1), Object.assign(serve, handler)];
  }
}

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

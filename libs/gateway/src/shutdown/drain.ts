import type { Server as HttpServer, ServerResponse } from 'node:http';
import { Server } from 'node:net';
import type { DrainTimes } from '@frontage/cluster';
import type { Clock } from '@frontage/core';

/** For how long connections may still bring a request once no new one is accepted, in milliseconds. */
const lingerMs = 1_000;

/**
 * The end of an app that serves, without a lost request: readiness says no, and each response is the last of its connection. For
 * `delayMs` connections are still accepted, for those that have not noticed. Then none is, and those that are left may bring one more
 * request each for a second.
 */
export class Drain {
  readonly #clock: Clock;
  readonly #underWay = new Set<ServerResponse>();
  #server: HttpServer | undefined;
  #begun: Promise<void> | undefined;
  #isDraining = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** @param server responds with {@link closingResponses} of this drain */
  serves(server: HttpServer): void {
    this.#server = server;
  }

  /** For a server that the application of a team made: each of its responses is followed. */
  follows(server: HttpServer): void {
    if (this.#server === server) return;
    this.#server = server;
    server.prependListener('request', (_, response: ServerResponse) => {
      if (this.isDraining) response.shouldKeepAlive = false;
      this.#underWay.add(response);
      response.once('close', () => this.#underWay.delete(response));
    });
  }

  /** Each response is the last of its connection from now on, and readiness says no. */
  announce(): void {
    this.#isDraining = true;
    for (const response of this.#underWay) response.shouldKeepAlive = false;
  }

  /** Resolves once no connection is left, or when none is waited for any longer: what still runs is then ended by closing the app. */
  begin({ delayMs, graceMs }: DrainTimes): Promise<void> {
    this.#begun ??= this.#run(delayMs, Math.min(lingerMs, graceMs / 2));
    return this.#begun;
  }

  async #run(delayMs: number, withinMs: number): Promise<void> {
    this.announce();
    if (delayMs > 0) await new Promise<void>((resolve) => void this.#clock.setTimer(resolve, delayMs));
    const server = this.#server;
    if (server?.listening !== true) return;
    await new Promise<void>((resolve) => {
      const late = this.#clock.setTimer(resolve, withinMs);
      // Not the method of the HTTP server, which closes idle connections.
      Server.prototype.close.call(server, () => {
        this.#clock.clearTimer(late);
        resolve();
      });
    });
  }
}

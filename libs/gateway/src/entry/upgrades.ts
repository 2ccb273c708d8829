import type { Server } from 'node:http';
import type { Type } from '@nestjs/common';
import { BootError } from '../routes/routes.js';

/** The name in `outside` for a listener of upgrades that is none of a gateway of Nest. */
const named = 'upgrade';

const refusal = (): BootError =>
  new BootError([
    `the server has a listener for upgrades (WebSocket), where no rule of access of Frontage stands: move it into an application of its own, or write outside: ['${named}'] in FrontageModule.forRoot(...) or createGateway(...) if it has rules of its own`,
  ]);

/**
 * Keeps connections from being upgraded past the pipeline (RELIABILITY G4): without a listener, Node serves such a request as any other, so
 * that the rule of its route holds.
 * @param outside that are named on purpose: the text `upgrade`, or the class of a WebSocket gateway
 * @throws BootError for a server that takes upgrades, now and for a listener that is added later
 */
export function refuseUpgrades(server: Server, outside: readonly (string | Type)[]): void {
  const isNamed = outside.some(
    (one) => one === named || (typeof one === 'function' && Reflect.hasMetadata('websockets:is_gateway', one)),
  );
  if (isNamed) return;
  if (server.listenerCount('upgrade') > 0) throw refusal();
  server.on('newListener', (event) => {
    if (event === 'upgrade') throw refusal();
  });
}

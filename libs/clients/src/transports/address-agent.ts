import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import type { Names } from '@frontage/core';
import type { ResolvedUpstreamOptions } from '../upstream.options.js';
import { FollowedName } from './followed-name.js';

/** The connections to one address, for clients that take an agent of Node. */
export class AddressAgent {
  readonly agent: HttpAgent;
  readonly #name: FollowedName;

  constructor(origin: string, options: ResolvedUpstreamOptions, names: Names | undefined) {
    const { proxy, connections, connectTimeoutMs } = options;
    const isTls = origin.startsWith('https:');
    const agentOptions = {
      keepAlive: true,
      maxSockets: connections,
      scheduling: 'lifo' as const,
      ...(names && { lookup: names.lookupWithin(connectTimeoutMs) }),
      // Of the environment nothing is taken: this is the proxy of policy alone.
      ...(proxy !== undefined && { proxyEnv: isTls ? { HTTPS_PROXY: proxy } : { HTTP_PROXY: proxy } }),
    };
    this.agent = isTls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
    const { agent } = this;
    this.#name = new FollowedName(
      names,
      new URL(proxy ?? origin).hostname,
      () => sockets(agent.sockets).length + sockets(agent.freeSockets).length > 0,
      () => this.#retire(),
    );
    // Before the agent gives the connection to the next request: one that is destroyed is replaced.
    agent.prependListener('free', (socket: unknown) => {
      if (socket instanceof Socket && !this.#name.keeps(socket.remoteAddress)) socket.destroy();
    });
  }

  close(): void {
    this.#name.end();
    this.agent.destroy();
  }

  #retire(): void {
    for (const socket of sockets(this.agent.freeSockets)) {
      if (!this.#name.keeps(socket.remoteAddress)) socket.destroy();
    }
  }
}

function sockets(byName: HttpAgent['sockets']): Socket[] {
  return Object.values(byName).flatMap((each) => each ?? []);
}

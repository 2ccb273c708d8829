import type { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import type { Names } from '@frontage/core';
import { FollowedName } from '../followed-name.js';
import type { ConnectionReport } from '../transport.js';
import { WatchedAgent } from './watched-agent.js';

export interface AddressAgentOptions {
  /** Address of a proxy. @default none */
  readonly proxy?: string | undefined;
  /** The most that are open at once; at least 1. */
  readonly connections: number;
  /** The time that a connection may wait for the address of its name, in milliseconds; at least 1. */
  readonly connectTimeoutMs: number;
  /** True if connections are kept for the next request. @default true */
  readonly keepAlive?: boolean;
}

/** The connections to one address, for clients that take an agent of Node. */
export class AddressAgent {
  readonly agent: HttpAgent;
  readonly isProxied: boolean;
  readonly #name: FollowedName;

  /** @param onUnaskedBytes hears of bytes that no request had asked for; over TLS a closing connection brings some of its own, so it does not */
  constructor(
    origin: string,
    options: AddressAgentOptions,
    names: Names | undefined,
    onUnaskedBytes: () => void = () => {},
  ) {
    const { proxy, connections, connectTimeoutMs, keepAlive = true } = options;
    this.isProxied = proxy !== undefined;
    const isTls = origin.startsWith('https:');
    const agentOptions = {
      keepAlive,
      maxSockets: connections,
      scheduling: 'fifo' as const,
      ...(names && { lookup: names.lookupWithin(connectTimeoutMs) }),
      // Of the environment nothing is taken: this is the proxy of policy alone.
      ...(proxy !== undefined && { proxyEnv: isTls ? { HTTPS_PROXY: proxy } : { HTTP_PROXY: proxy } }),
    };
    this.agent = isTls ? new HttpsAgent(agentOptions) : new WatchedAgent(agentOptions, onUnaskedBytes);
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

  connections(address: string): ConnectionReport {
    const { sockets: active, freeSockets, requests } = this.agent;
    return {
      address,
      active: sockets(active).length,
      idle: sockets(freeSockets).length,
      waiting: Object.values(requests).reduce((sum, each) => sum + (each?.length ?? 0), 0),
    };
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

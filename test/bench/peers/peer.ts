import type { Server } from '../runs/targets.js';
import { krakend } from './krakend.js';
import { springCloudGateway } from './spring-cloud-gateway.js';

/** A gateway of others that is measured beside ours on home-5 where it is installed. */
export interface Peer extends Server {
  /** The reason why it cannot run here; undefined where it can. */
  missing(): string | undefined;
}

export const peers: readonly Peer[] = [krakend, springCloudGateway];

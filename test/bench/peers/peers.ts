import { apolloServer } from './apollo-server.js';
import { goByHand, rustByHand } from './by-hand.js';
import { krakendEngine } from './krakend-engine.js';
import type { Peer } from './peer.js';
import { springCloudGateway } from './spring-cloud-gateway.js';

export const peers: readonly Peer[] = [rustByHand, goByHand, apolloServer, springCloudGateway, krakendEngine];

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from './start-server.js';
import { command, sourcesOf, type Peer } from './peer.js';

/** Go's standard library: net/http, encoding/json, one goroutine per call. */
export const goByHand: Peer = {
  name: 'go-by-hand',
  needs: ['go'],
  build: (folder) => {
    cpSync(sourcesOf('go-by-hand'), folder, { recursive: true });
    command(folder, ['go', 'build', '-o', 'server', '.']);
  },
  server: (folder) => ({ name: 'go by hand', start: (world) => startServer([join(folder, 'server')], world) }),
};

/** Rust: hyper and serde on one thread. */
export const rustByHand: Peer = {
  name: 'rust-by-hand',
  needs: ['cargo'],
  build: (folder) => {
    cpSync(sourcesOf('rust-by-hand'), folder, { recursive: true });
    command(folder, ['cargo', 'build', '--release']);
  },
  server: (folder) => ({
    name: 'rust by hand',
    start: (world) => startServer([join(folder, 'target/release/rust-by-hand')], world),
  }),
};

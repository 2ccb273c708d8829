import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { command, sourcesOf, type Peer } from './peer.js';
import { startServer } from './start-server.js';

/** Spring Cloud Gateway on WebFlux; a handler of its own makes the screen, as its documentation says. */
export const springCloudGateway: Peer = {
  name: 'spring-cloud-gateway',
  needs: ['java', 'mvn'],
  build: (folder) => {
    cpSync(sourcesOf('spring-cloud-gateway'), folder, { recursive: true });
    command(folder, ['mvn', '-q', '-B', 'package']);
  },
  server: (folder) => ({
    name: 'spring cloud gateway',
    start: (world) =>
      startServer(['java', '-jar', join(folder, 'target/spring-cloud-gateway.jar')], world, {
        flags: (port) => [
          `--server.port=${port}`,
          `--upstream.url=${world.upstreamUrl}`,
          `--upstream.connections=${world.upstreamConnections}`,
          '--logging.level.root=ERROR',
          '--spring.main.banner-mode=off',
        ],
      }),
  }),
};

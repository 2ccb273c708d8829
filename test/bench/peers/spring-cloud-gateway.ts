// Spring Cloud Gateway, or any Spring application: a jar that SPRING_CLOUD_GATEWAY_JAR names, which answers `/home` from the services
// at the property `upstream.url`. There is no such jar here, so this was not run where it was written: check its answer first.
import { existsSync } from 'node:fs';
import { freePorts, serverCore, startPinned } from '../runs/child.js';
import type { Peer } from './peer.js';

const jar = process.env['SPRING_CLOUD_GATEWAY_JAR'];

export const springCloudGateway: Peer = {
  name: 'spring-cloud-gateway',
  missing: () => {
    if (jar === undefined) return 'SPRING_CLOUD_GATEWAY_JAR names no jar';
    return existsSync(jar) ? undefined : `there is no ${jar}`;
  },
  start: async ({ scenario, upstreamUrl }) => {
    const [port = 0] = await freePorts(1);
    const properties = [`--server.port=${port}`, `--upstream.url=${upstreamUrl}`];
    const child = startPinned(serverCore, ['java', '-jar', jar ?? '', ...properties]);
    return { child, url: `http://127.0.0.1:${port}${scenario.path}`, hasProbe: false, answersItsOwnWay: true };
  },
};

import { freePorts, serverCore, startPinned } from '../runs/child.js';
import { serverEnvironment, type Started, type World } from '../runs/targets.js';

interface OfPeer {
  /** Added to the settings that every server gets. */
  readonly env?: NodeJS.ProcessEnv;
  /** Flags with the port that it is to listen on. */
  readonly flags?: (port: number) => readonly string[];
  /** Path and query of the screen. @default that of the scenario */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The screen in its response. @default the whole of it */
  readonly screenIn?: (body: unknown) => unknown;
}

/** Starts a server without a probe on the core of the servers. Its screen has the values of ours, in an order of its own. */
export async function startServer(command: readonly string[], world: World, peer: OfPeer = {}): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const { env = {}, flags = () => [], path = world.scenario.path, headers, screenIn = (body) => body } = peer;
  const child = startPinned(serverCore, [...command, ...flags(port)], { ...serverEnvironment(world, port), ...env });
  return {
    child,
    url: `http://127.0.0.1:${port}${path}`,
    hasProbe: false,
    screenIn,
    ...(headers !== undefined && { headers }),
  };
}

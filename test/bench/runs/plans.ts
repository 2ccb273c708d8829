import type { BenchOptions } from '../options.js';
import { peers } from '../peers/peers.js';
import { serversOf } from '../peers/peer.js';
import { scenarios } from '../scenarios/scenarios.js';
import type { Checkout } from './checkout.js';
import type { SettingPlan } from './measure-setting.js';
import { all, nameOfTheirs, ours, ownServer, servedBy, usual, withNest, withShared, type Server } from './targets.js';

/** The measurements, one after the other. */
export function plansOf(
  options: BenchOptions,
  theirs: Checkout | undefined,
  say: (text: string) => void,
): SettingPlan[] {
  const effort = { rounds: options.rounds, seconds: options.seconds };
  if (options.linear) {
    return scenarios
      .filter(({ name }) => name.startsWith('calls-'))
      .map((scenario) => ({
        scenario,
        bytes: 'differ',
        latencyMs: 0,
        servers: ours,
        effort,
        tailsOf: new Set(),
        ownTails: false,
      }));
  }
  const besideOurs = options.peers ? serversOf(peers, say) : [];
  return options.latenciesMs.flatMap((latencyMs) =>
    options.scenarios.flatMap((scenario) =>
      // The kind of bytes does not change the cost of waiting.
      (latencyMs === 0 ? options.bytes : options.bytes.slice(0, 1)).map((bytes) => {
        const isHome = scenario.name === 'home-5';
        return {
          scenario,
          bytes,
          latencyMs,
          servers:
            theirs === undefined
              ? isHome
                ? [...(options.full ? all : options.peers ? withShared : usual), ...besideOurs]
                : withNest
              : besideTheirs(theirs),
          effort,
          tailsOf: new Set(isHome && theirs === undefined ? ours.map(({ name }) => name) : []),
          ownTails: options.full,
        };
      }),
    ),
  );
}

/** Each of our servers, and beside it the same one of the other commit: the closer in time, the more alike the machine is for both. */
function besideTheirs({ bench }: Checkout): Server[] {
  const [bare, ...modes] = ours;
  const pairs = modes.flatMap((server) => [
    server,
    ownServer(nameOfTheirs(server.name), 'frontage', server.name, bench),
  ]);
  return bare === undefined ? pairs : [bare, ...pairs];
}

/** One process and two, on the same core. */
export function processPlans({ rounds, seconds }: BenchOptions): SettingPlan[] {
  const [home] = scenarios;
  return ['nothing-on', 'everything-on'].flatMap((mode) =>
    home === undefined
      ? []
      : [
          {
            scenario: home,
            bytes: 'differ',
            latencyMs: 0,
            servers: [servedBy(1, mode), servedBy(2, mode)],
            effort: { rounds, seconds },
            tailsOf: new Set(),
            ownTails: false,
          },
        ],
  );
}

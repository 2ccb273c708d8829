import { parseArgs } from 'node:util';
import type { AblationTransport } from './runs/ablation.js';
import { ablationPolicies, type AblationPolicy } from './runs/ablation-policies.js';
import { scenarios, type Scenario } from './scenarios/scenarios.js';
import type { Bytes } from './runs/upstreams.js';

export const help = `npm run bench -- [options]

Without options: home-5 with bytes that differ, in four minutes; Pool.request and Fastify stand beside the others with --full.

What is measured
  --scenario NAME      ${scenarios.map(({ name }) => name).join(', ')}; may be repeated
  --bytes WHICH        differ, repeat or both (default differ)
  --latency MS         of the upstreams: 0 or 20; may be repeated (default 0)
  --full               all of the above, and --startup
  --peers              home-5 beside gateways of others and screens by hand in Go and Rust, built once from their registries
  --compare [REF]      our servers against those of the merge base with REF (default main), in the same rounds

In place of it
  --startup            time until one BFF is ready, against importing Nest and Fastify
  --linear             CPU time per call at 1, 10 and 50 calls
  --memory MINUTES     whether memory stays flat under constant load
  --profile            the twenty dearest functions of each server
  --processes          CPU time per request of two processes against one
  --ablation           what each policy costs alone, and among all others, over both transports, for each --scenario
    --policy NAME      one of them; may be repeated
    --transport NAME   one transport: undici or direct

How long
  --rounds N           per server, in turn and in reverse turn (default 12)
  --seconds S          of one round (default 2)

  --json FILE          also writes everything that was measured as JSON
`;

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly bytes: readonly Bytes[];
  readonly latenciesMs: readonly number[];
  readonly full: boolean;
  readonly peers: boolean;
  /** A git reference. */
  readonly compare?: string;
  readonly startup: boolean;
  readonly linear: boolean;
  readonly memoryMinutes?: number;
  readonly processes: boolean;
  readonly profile: boolean;
  readonly ablation?: Ablation;
  readonly rounds: number;
  readonly seconds: number;
  readonly json?: string;
}

export interface Ablation {
  readonly policies: readonly AblationPolicy[];
  readonly transports: readonly AblationTransport[];
}

/** The options cannot be used; the message says what to write instead. */
export class OptionError extends Error {}

/** @returns undefined where help was asked for. @throws OptionError */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { full, compare, json } = values;
  const memory = values.memory === undefined ? undefined : positive('memory', values.memory, 1000);
  return {
    scenarios: full && values.scenario === undefined ? scenarios : (values.scenario ?? ['home-5']).map(scenarioOf),
    bytes: bytesOf(values.bytes ?? (full ? 'both' : 'differ')),
    latenciesMs: full && values.latency === undefined ? [0, 20] : (values.latency ?? ['0']).map(latencyOf),
    full,
    peers: values.peers,
    ...(compare !== undefined && { compare }),
    startup: values.startup || full,
    linear: values.linear,
    ...(memory !== undefined && { memoryMinutes: memory }),
    processes: values.processes,
    profile: values.profile,
    ...(values.ablation && { ablation: ablationOf(values.policy, values.transport) }),
    rounds: positive('rounds', values.rounds, 1000),
    seconds: positive('seconds', values.seconds, 60),
    ...(json !== undefined && { json }),
  };
}

function parse(args: readonly string[]) {
  // `--compare` alone means main.
  const given = args.flatMap((arg, i) => {
    const isAlone = arg === '--compare' && (args[i + 1] === undefined || args[i + 1]?.startsWith('--'));
    return isAlone ? [arg, 'main'] : [arg];
  });
  try {
    return parseArgs({
      args: given,
      options: {
        scenario: { type: 'string', multiple: true },
        bytes: { type: 'string' },
        latency: { type: 'string', multiple: true },
        full: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        compare: { type: 'string' },
        startup: { type: 'boolean', default: false },
        linear: { type: 'boolean', default: false },
        memory: { type: 'string' },
        processes: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        ablation: { type: 'boolean', default: false },
        policy: { type: 'string', multiple: true },
        transport: { type: 'string' },
        rounds: { type: 'string', default: '12' },
        seconds: { type: 'string', default: '2' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new OptionError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${help}`);
  }
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new OptionError(`there is no scenario '${name}': write one of ${scenarios.map(({ name }) => name).join(', ')}`);
}

function ablationOf(names: readonly string[] | undefined, transport: string | undefined): Ablation {
  const known = ablationPolicies.map(({ name }) => name).join(', ');
  const policies = names?.map((named) => {
    const found = ablationPolicies.find(({ name }) => name === named);
    if (found === undefined) throw new OptionError(`there is no policy '${named}': write one of ${known}`);
    return found;
  });
  if (transport !== undefined && transport !== 'undici' && transport !== 'direct')
    throw new OptionError(`--transport is '${transport}': write undici or direct`);
  return {
    policies: policies ?? ablationPolicies,
    transports: transport === undefined ? ['undici', 'direct'] : [transport],
  };
}

function bytesOf(which: string): Bytes[] {
  if (which === 'both') return ['differ', 'repeat'];
  if (which === 'differ' || which === 'repeat') return [which];
  throw new OptionError(`--bytes is '${which}': write differ, repeat or both`);
}

function latencyOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
  throw new OptionError(`--latency is '${text}': write whole milliseconds from 0 to 1000`);
}

function positive(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new OptionError(`--${name} is '${text}': write a whole number from 1 to ${most}`);
}

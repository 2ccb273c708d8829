import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { askApp, findApp } from '../../dev/built-app.js';
import type { SandboxFault } from '../../examples/example-world.js';
import { loadStep } from '../../load/load-step.js';
import { loadSvg } from '../../load/load-svg.js';
import { loadText, type LoadReport } from '../../load/load-text.js';
import { LoadWorld } from '../../load/load-world.js';
import { saturationOf } from '../../load/saturation.js';
import { searchCapacity } from '../../load/search.js';
import type { AppDescription, EndpointDescription } from '../../plan/app-description.js';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { fileChanges, filesText } from '../../terminal/command-result.js';
import { Progress } from '../../terminal/progress.js';
import { findEndpoint } from '../../usage/find-endpoint.js';
import { findWorkspace } from '../../workspace/workspace.js';
import { checkFiles, writeFiles } from '../../workspace/write-files.js';

interface LoadFlags {
  readonly seconds: string;
  readonly rate?: string;
  readonly latency?: readonly string[];
  readonly fault?: readonly string[];
  readonly svg?: string;
}

const collect = (flag: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), flag];

/** `frontage load`: the capacity of a BFF over the sandbox. */
export function registerLoad(program: Command, context: CommandContext): void {
  program
    .command('load')
    .description(
      'Find how many requests a second a BFF bears within its deadline, over the sandbox, and what its bound is',
    )
    .argument('<bff>', 'a folder of apps/')
    .argument('[endpoint...]', 'its method and path (default: the screen with most parts)')
    .option('--seconds <number>', 'time of all measurements together', '24')
    .option('--rate <number>', 'measure this many requests per second alone')
    .option('--latency <upstream=ms>', 'time that a service takes; may be repeated', collect)
    .option('--fault <upstream=share>', 'share of its responses that are a 503, such as 5%; may be repeated', collect)
    .option('--svg <file>', 'write a chart, too')
    .addHelpText(
      'after',
      `
Requests come at a constant rate, however slow the responses are, from a process of its own. The limits per caller and address are off.

Examples:
  npx frontage load mobile GET /home --latency orders=80 --latency recommendations=120
  npx frontage load mobile GET /home --rate 200 --seconds 10 --fault content=5%`,
    )
    .action(async (name: string, words: readonly string[], flags: LoadFlags) => {
      const root = findWorkspace(context.cwd);
      const found = findApp(root, name);
      const seconds = numberOf('--seconds', flags.seconds, 2, 600);
      const rate = flags.rate === undefined ? undefined : numberOf('--rate', flags.rate, 1, 20_000);
      const svg = flags.svg === undefined ? undefined : resolve(context.cwd, flags.svg);
      // The gateway of this workspace prints it, so it has the shape of the gateway's description.
      const description = (await askApp(root, found, '--describe', context)) as AppDescription;
      const faults = [...(flags.latency ?? []).map(latencyOf), ...(flags.fault ?? []).map(faultOf)];
      checkFaults(faults, description);
      const endpoint = words.length === 0 ? largestScreen(description) : findEndpoint(description, words);
      if (svg !== undefined) await checkSvg(root, svg);
      const document = await askApp(root, found, '--openapi', context);
      const progress = new Progress(context.progress, `apps/${name}`);
      progress.stage('starting the sandbox and the BFF');
      const world = await LoadWorld.start({
        root,
        app: found,
        description,
        endpoint,
        document,
        faults,
        env: process.env,
      });
      try {
        const report = await measured({ world, endpoint, bff: description.bff, faults, seconds, rate }, progress);
        progress.end();
        const files = svg === undefined ? undefined : fileChanges(root, [svg]);
        if (svg !== undefined) await writeFiles(root, new Map([[svg, loadSvg(report)]]));
        context.report({
          text: loadText(report) + (files === undefined ? '' : `\n${filesText(files)}`),
          ...(files !== undefined && { files }),
          data: dataOf(report),
        });
      } finally {
        progress.end();
        await world.stop();
      }
    });
}

interface Task {
  readonly world: LoadWorld;
  readonly endpoint: EndpointDescription;
  readonly bff: string;
  readonly faults: readonly SandboxFault[];
  readonly seconds: number;
  readonly rate: number | undefined;
}

async function measured(
  { world, endpoint, bff, faults, seconds, rate }: Task,
  progress: Progress,
): Promise<LoadReport> {
  const { screen } = endpoint;
  const deadlineMs = screen?.deadlineMs ?? 10_000;
  const measure = (at: number, forSeconds: number): ReturnType<typeof loadStep> => {
    progress.stage(`${at} requests/s`);
    return loadStep({ ...world.request, rate: at, seconds: forSeconds, deadlineMs, metricsUrl: world.metricsUrl });
  };
  // Code that runs for the first time is compiled: that is no measurement.
  await measure(10, 4);
  const parts = Object.entries(screen?.parts ?? {}).flatMap(([part, { upstream, operation }]) =>
    upstream === undefined ? [] : [[part, `${upstream}.${operation}`] as const],
  );
  const report = {
    name: `${bff} ${endpoint.method} ${endpoint.path}`,
    deadlineMs,
    declared: faults.map(faultText),
    parts: new Map(parts),
  };
  if (rate !== undefined) return { ...report, steps: [await measure(rate, seconds)] };
  const { steps, borne, broke } = await searchCapacity({ measure, seconds });
  const [base] = steps;
  return {
    ...report,
    steps,
    ...(borne !== undefined && { capacity: borne.rate }),
    ...(broke !== undefined && { below: broke.rate }),
    ...(base !== undefined && { saturation: saturationOf(broke, base, cpus().length) }),
  };
}

function dataOf({ steps, parts, saturation, ...report }: LoadReport): Readonly<Record<string, unknown>> {
  const [base] = steps;
  return {
    ...report,
    saturation,
    cores: cpus().length,
    steps: steps.map(({ app, ...step }) => ({
      ...step,
      app: { ...app, shedCalls: Object.fromEntries(app.shedCalls), operations: Object.fromEntries(app.operations) },
    })),
    parts: [...parts].map(([part, operation]) => ({ part, operation, ...base?.app.operations.get(operation) })),
  };
}

function largestScreen({ bff, endpoints }: AppDescription): EndpointDescription {
  const reads = endpoints.filter(({ method, screen }) => method === 'GET' && screen !== undefined);
  const sizeOf = ({ screen }: EndpointDescription): number => Object.keys(screen?.parts ?? {}).length;
  const [largest] = reads.toSorted((one, other) => sizeOf(other) - sizeOf(one));
  if (largest === undefined) throw new UsageError(`${bff} has no screen that is read: name an endpoint`);
  return largest;
}

function latencyOf(text: string): SandboxFault {
  const [, upstream, ms] = /^([\w@-]+)=(\d{1,6})(?:ms)?$/.exec(text) ?? [];
  if (upstream === undefined || Number(ms) > 600_000)
    throw new UsageError(`--latency ${text} is not understood: write upstream=milliseconds, such as orders=80`);
  return { upstream, fault: { latencyMs: Number(ms) } };
}

function faultOf(text: string): SandboxFault {
  const [, upstream, percent] = /^([\w@-]+)=(\d{1,3}(?:\.\d+)?)%$/.exec(text) ?? [];
  if (upstream === undefined || Number(percent) > 100)
    throw new UsageError(`--fault ${text} is not understood: write upstream=share, such as content=5%`);
  return { upstream, fault: { status: 503, rate: Number(percent) / 100 } };
}

function checkFaults(faults: readonly SandboxFault[], { bff, policy }: AppDescription): void {
  const known = Object.keys(policy.upstreams ?? {});
  const seen = new Set<string>();
  for (const { upstream } of faults) {
    if (!known.includes(upstream))
      throw new UsageError(`${bff} calls no upstream ${upstream}; there are ${known.join(', ')}`);
    if (seen.has(upstream)) throw new UsageError(`${upstream} is given twice: a service has one latency or one fault`);
    seen.add(upstream);
  }
}

const faultText = ({ upstream, fault }: SandboxFault): string =>
  fault.latencyMs === undefined
    ? `${upstream} ${Math.round((fault.rate ?? 1) * 100)}% 503`
    : `${upstream} ${fault.latencyMs} ms`;

/** A file that is no chart of this command is not replaced. */
async function checkSvg(root: string, path: string): Promise<void> {
  await checkFiles(root, [path]);
  if (existsSync(path) && !(await readFile(path, 'utf8')).includes('<title id="title">Response times of '))
    throw new CheckFailed(`${path} is not a chart of this command: nothing was measured; choose another name`);
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new UsageError(`${option} ${text}: a number from ${least} to ${most} is expected`);
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { askApp, findApp } from '../../dev/built-app.js';
import type { AppDescription } from '../../plan/app-description.js';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { tune } from '../../tune/tune.js';
import { tuneText } from '../../tune/tune-text.js';
import { unifiedDiff } from '../../tune/unified-diff.js';
import { readMetrics, sumOf } from '../../tune/metrics-text.js';
import { isUrl } from '../../upstream/upstream-record.js';
import { findWorkspace } from '../../workspace/workspace.js';

/** An admin port responds at once, or it is not there. */
const longestWaitMs = 10_000;

interface TuneFlags {
  readonly metrics: string;
  readonly over?: string;
}

/** `frontage tune`: a policy proposed from what was measured. */
export function registerTune(program: Command, context: CommandContext): void {
  program
    .command('tune')
    .description(
      'Propose timeouts, hedging, concurrency and cache times from the metrics of a BFF, as a diff of its bff.yaml',
    )
    .argument('<bff>', 'a folder of apps/')
    .requiredOption('--metrics <URL or file>', 'its metrics: /metrics of its admin port, or a file with that text')
    .option('--over <hours>', 'the time in which a file was measured; of a URL, the app says it')
    .addHelpText(
      'after',
      `
Nothing is changed: the diff is printed, with the reason and the effect of each line.

Examples:
  npx frontage tune mobile --metrics http://localhost:5001/metrics
  npx frontage tune mobile --metrics metrics.txt --over 24`,
    )
    .action(async (name: string, { metrics: source, over }: TuneFlags) => {
      const root = findWorkspace(context.cwd);
      const found = findApp(root, name);
      const hours = over === undefined ? undefined : hoursOf(over);
      const metrics = await read(source, context.cwd);
      const seconds = hours === undefined ? runningFor(source, metrics) : hours * 3600;
      // The gateway of this workspace prints it, so it has the shape of the gateway's description.
      const app = (await askApp(root, found, '--describe', context)) as AppDescription;
      const file = join(found.folder, 'bff.yaml');
      const tuning = await tune({ file, app, metrics, seconds });
      const path = relative(root, file).replaceAll(sep, '/');
      context.report({
        text: tuneText(tuning, path),
        data: {
          bff: app.bff,
          diff: unifiedDiff(path, tuning.before, tuning.after),
          proposals: tuning.proposals,
          notes: tuning.notes,
        },
      });
    });
}

/** The seconds since the start of an app that runs. A file does not say when it was written. */
function runningFor(source: string, metrics: string): number | undefined {
  const startedAt = sumOf(readMetrics(metrics) ?? new Map(), 'process_start_time_seconds');
  return isUrl(source) && startedAt > 0 ? Math.max(1, Date.now() / 1000 - startedAt) : undefined;
}

function hoursOf(text: string): number {
  const hours = Number(text.replace(/h$/, ''));
  if (hours > 0 && hours <= 10_000) return hours;
  throw new UsageError(`--over ${text} is no time: write hours, such as 24`);
}

async function read(source: string, cwd: string): Promise<string> {
  if (!isUrl(source)) {
    const file = resolve(cwd, source);
    if (!existsSync(file)) throw new UsageError(`there is no file ${source}`);
    return readFile(file, 'utf8');
  }
  if (!URL.canParse(source)) throw new UsageError(`--metrics ${source} is no address`);
  const response = await fetch(source, { signal: AbortSignal.timeout(longestWaitMs) }).catch(() => undefined);
  if (response === undefined) throw new CheckFailed(`nothing responds at ${source}: start the app, or give a file`);
  if (!response.ok) throw new CheckFailed(`${source} responded with ${response.status}`);
  return response.text();
}

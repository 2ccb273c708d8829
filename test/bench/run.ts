import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine, machineText, obstacle } from './machine.js';
import { help, OptionError, readOptions, type BenchOptions } from './options.js';
import { goalsText } from './report/goals.js';
import { linearText, memoryText, processesText, profileText, startupText } from './report/other-texts.js';
import { ablationText } from './report/ablation-text.js';
import { settingText } from './report/setting-text.js';
import { endChildrenWithMe } from './runs/child.js';
import { buildMergeBase, type Checkout } from './runs/checkout.js';
import { measureMemory } from './runs/memory.js';
import { measureSetting, type SettingPlan } from './runs/measure-setting.js';
import { plansOf, processPlans } from './runs/plans.js';
import { measureAblation, type AblationResult } from './runs/ablation.js';
import { measureProfile } from './runs/profile.js';
import type { SettingResult } from './runs/results.js';
import { measureStartup } from './runs/startup.js';
import { startSupport } from './runs/support.js';

endChildrenWithMe();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === undefined) {
      process.stdout.write(help);
      return 0;
    }
    const missing = obstacle();
    if (missing !== undefined) throw new OptionError(missing);
    await run(options);
    return 0;
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    return 2;
  }
}

async function run(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  say(machineText(machine));
  const folder = mkdtempSync(join(tmpdir(), 'frontage-bench-log-'));
  const support = await startSupport(folder);
  const results: Record<string, unknown> = { machine, options };
  const settingsOf = async (plans: readonly SettingPlan[]): Promise<SettingResult[]> => {
    const settings: SettingResult[] = [];
    results['settings'] = settings;
    for (const plan of plans) {
      const result = await measureSetting(plan, { support, folder, progress });
      settings.push(result);
      say(settingText(result));
    }
    return settings;
  };
  try {
    if (options.memoryMinutes !== undefined) {
      const memory = await measureMemory(options.memoryMinutes, support, folder, progress);
      results['memory'] = memory;
      say(memoryText(memory));
    } else if (options.ablation !== undefined) {
      const { policies, transports } = options.ablation;
      const ablation: AblationResult[] = [];
      results['ablation'] = ablation;
      for (const scenario of options.scenarios) {
        for (const transport of transports) {
          const result = await measureAblation(scenario, transport, policies, options, { support, folder, progress });
          ablation.push(result);
          say(ablationText([result]));
        }
      }
    } else if (options.profile) {
      const profile = await measureProfile(support, folder, progress);
      results['profile'] = profile;
      say(profileText(profile));
    } else if (options.processes) {
      const settings = await settingsOf(processPlans(options));
      say(processesText(settings));
    } else if (!options.startup || options.full) {
      const settings = await withTheirs(options, (theirs) => settingsOf(plansOf(options, theirs, say)));
      say(linearText(settings));
      say(goalsText(settings));
    }
    if (options.startup) {
      const startup = await measureStartup(support, folder, progress);
      results['startup'] = startup;
      say(startupText(startup));
    }
  } finally {
    // Results from before the failure stay valid.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    support.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the other commit where one is named, and removes it afterwards. */
async function withTheirs<T>({ compare }: BenchOptions, work: (theirs?: Checkout) => Promise<T>): Promise<T> {
  if (compare === undefined) return work();
  progress(`building the merge base with ${compare}`);
  const theirs = buildMergeBase(compare);
  say(`theirs: ${theirs.commit}\n`);
  try {
    return await work(theirs);
  } finally {
    theirs.remove();
  }
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  process.stdout.write(text);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else process.stderr.write(`${text}\n`);
}

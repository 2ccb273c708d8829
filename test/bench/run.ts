import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine, machineText, obstacle } from './machine.js';
import { help, OptionError, readOptions, type BenchOptions } from './options.js';
import { goalsText } from './report/goals.js';
import { settingText } from './report/setting-text.js';
import { measureSetting, type SettingPlan } from './runs/measure-setting.js';
import type { SettingResult } from './runs/results.js';
import { startSupport } from './runs/support.js';
import { servers } from './runs/targets.js';

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
  process.stdout.write(machineText(machine));
  const folder = mkdtempSync(join(tmpdir(), 'frontage-bench-log-'));
  const support = await startSupport();
  const settings: SettingResult[] = [];
  try {
    for (const plan of plansOf(options)) {
      const result = await measureSetting(plan, { support, folder, progress });
      settings.push(result);
      process.stdout.write(settingText(result));
    }
    process.stdout.write(goalsText(settings));
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ machine, options, settings }, null, 2)}\n`);
  } finally {
    support.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function plansOf({ scenarios, bytes, latenciesMs, rounds, seconds }: BenchOptions): SettingPlan[] {
  return latenciesMs.flatMap((latencyMs) =>
    scenarios.flatMap((scenario) =>
      // Which bytes come changes nothing of how waiting is paid for.
      (latencyMs === 0 ? bytes : bytes.slice(0, 1)).map((bytes) => ({
        scenario,
        bytes,
        latencyMs,
        servers,
        effort: { rounds, seconds },
        tailsOf: new Set(scenario.name === 'home-5' ? ['bare', 'nothing-on', 'everything-on'] : []),
      })),
    ),
  );
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else process.stderr.write(`${text}\n`);
}

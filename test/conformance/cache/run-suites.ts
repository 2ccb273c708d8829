import { ManualClock } from '@frontage/testing/manual-clock';
import { unknownMember, type Case, type Kind, type Suite } from './definitions.js';
import { Front, type Profile } from './front.js';
import { Origin } from './origin.js';
import { playCase } from './play-case.js';

/** `depends`: a case that this one depends on did not pass. `unknown`: the case has a member that the driver does not act out. */
export type Result = 'passed' | 'failed' | 'setup' | 'depends' | 'unknown';

export interface CaseResult {
  readonly suite: string;
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly result: Result;
  readonly why: string;
}

/** Those that are meant for the kind of cache that is tried. */
function isFor({ browser_only, browser_skip, cdn_only }: Case, { name }: Profile): boolean {
  if (name === 'targeted') return cdn_only === true;
  return cdn_only !== true && (name === 'private' ? browser_skip !== true : browser_only !== true);
}

/**
 * Plays all cases of suites against one cache, one after the other.
 * @throws Error for two cases with one id
 */
export async function runSuites(suites: readonly Suite[], profile: Profile): Promise<readonly CaseResult[]> {
  const clock = new ManualClock();
  const origin = await Origin.start(clock);
  const front = await Front.start(clock, origin.url, profile);
  const results = new Map<string, CaseResult>();
  try {
    for (const suite of suites)
      for (const test of suite.tests.filter((one) => isFor(one, profile))) {
        if (results.has(test.id)) throw new Error(`two cases have the id ${test.id}`);
        const unknown = unknownMember(test);
        const { id, name, kind = 'required' } = test;
        const played =
          unknown === undefined
            ? await playCase(`${profile.name}-${results.size}`, test, front, origin, clock)
            : ({ result: 'unknown', why: `has ${unknown}` } as const);
        results.set(id, { suite: suite.id, id, name, kind, why: '', ...played });
      }
  } finally {
    await front.stop();
    await origin.stop();
  }
  const dependsOn = new Map(suites.flatMap(({ tests }) => tests).map(({ id, depends_on = [] }) => [id, depends_on]));
  return [...results.values()].map((one) => {
    const missing = dependsOn.get(one.id)?.find((id) => (results.get(id)?.result ?? 'passed') !== 'passed');
    return missing === undefined || one.result === 'unknown'
      ? one
      : { ...one, result: 'depends', why: `depends on ${missing}` };
  });
}

/** Results by kind, as rows of a table. */
export function tableOf(results: readonly CaseResult[]): string {
  const columns = ['passed', 'failed', 'setup', 'depends', 'unknown'] as const;
  const row = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(10) : String(cell).padStart(9))).join('');
  const kinds = ['required', 'optimal', 'check'] as const;
  return [
    row(['', ...columns]),
    ...kinds.map((kind) =>
      row([
        kind,
        ...columns.map((column) => results.filter((one) => one.kind === kind && one.result === column).length),
      ]),
    ),
  ].join('\n');
}

import { codemods } from '../codemods/codemods.js';
import { nextText, type NextStep } from '../terminal/command-result.js';
import { linesText } from '../terminal/terminal.js';
import type { UpgradeChecks } from './check-upgrade.js';
import { undoCommand } from './clean-tree.js';
import type { PlannedUpgrade } from './plan-upgrade.js';

const conflictsOf = ({ outcomes, target }: PlannedUpgrade): string[] =>
  outcomes
    .filter(({ kind }) => kind === 'conflict')
    .map(({ path }) => (target.app === undefined ? path : `${target.shown}/${path}`));

/** True where nothing is left for a person to merge. */
export const isDone = (plan: PlannedUpgrade): boolean => conflictsOf(plan).length === 0;

const isChanged = ({ writes, deletes }: PlannedUpgrade): boolean => writes.size + deletes.length > 0;

const nameOf = ({ target }: PlannedUpgrade): string => (target.app === undefined ? 'the workspace' : target.shown);

/** The text of a plan that is not carried out. */
export const planText = (plan: PlannedUpgrade): string =>
  isChanged(plan) ? `Would upgrade ${heading(plan)}` : `${nameOf(plan)} is current: nothing would change\n`;

/** The text after an upgrade, with the lines to type next. */
export function upgradeText(plan: PlannedUpgrade, checks: UpgradeChecks, needsInstallation: boolean): string {
  if (!isChanged(plan)) return `${nameOf(plan)} is current: nothing has changed\n`;
  const next = nextText(nextSteps(plan, checks, needsInstallation));
  return `Upgraded ${heading(plan)}${checkText(plan, checks, needsInstallation)}\n${next}`;
}

function heading(plan: PlannedUpgrade): string {
  const { template, from, to, outcomes, notes } = plan;
  const way = from === to ? `the template ${template} ${to}` : `the template ${template}, from ${from} to ${to}`;
  const width = Math.max(0, ...outcomes.map(({ path }) => path.length));
  const lines = outcomes.map(({ path, kind, note }) => `  ${kind.padEnd(8)}  ${path.padEnd(width)}  ${note}`);
  const made = codemods
    .filter(({ name }) => plan.codemods.includes(name))
    .map(({ name, description }) => `  ${name}: ${description}`);
  return [
    `${nameOf(plan)} to ${way}:\n\n`,
    ...(notes.length > 0 ? [linesText(notes.map((note) => `  ${note}`)), '\n'] : []),
    lines.length > 0 ? linesText(lines) : '  its files are as the template has them, or as you want them\n',
    ...(made.length > 0 ? ['\nChanges of the libraries:\n', linesText(made)] : []),
    '\n',
  ].join('');
}

function checkText(plan: PlannedUpgrade, checks: UpgradeChecks, needsInstallation: boolean): string {
  const conflicts = conflictsOf(plan);
  if (conflicts.length > 0) {
    const [count, them] = conflicts.length === 1 ? ['1 file has', 'it'] : [`${conflicts.length} files have`, 'them'];
    return `${count} places that both sides have changed: resolve the markers, or take another version of ${them}.\n`;
  }
  if (needsInstallation) return 'Other packages are needed now, so nothing was compiled or tested yet.\n';
  if (checks.isCompiled === false)
    return 'It does not compile now; the errors are above. The changes stay, so that you can finish them.\n';
  if (checks.arePassed === false) return 'It compiles, but not all of its tests pass; they are above. The changes stay, so that you can finish them.\n'; // prettier-ignore
  if (checks.arePassed === true) return 'It compiles, and its tests pass.\n';
  return checks.isCompiled === true
    ? `It compiles. Its tests did not run: ${checks.reason}.\n`
    : 'Nothing was compiled or tested.\n';
}

/** The lines to type after an upgrade. */
export function nextSteps(plan: PlannedUpgrade, checks: UpgradeChecks, needsInstallation: boolean): NextStep[] {
  if (!isChanged(plan)) return [];
  const { target } = plan;
  const undo = {
    type: undoCommand(target, plan.owner === undefined ? [] : ['CODEOWNERS']),
    why: 'takes all of it back',
  };
  const tests = target.app === undefined ? 'npm test' : `npm test -- ${target.shown}`;
  const accept =
    target.app === undefined
      ? []
      : [{ type: `npx frontage accept ${target.app}`, why: 'where the promise to its clients has changed' }];
  const conflicts = conflictsOf(plan);
  if (conflicts.length > 0)
    return [
      { type: `git diff ${conflicts.join(' ')}`, why: 'shows the markers' },
      { type: tests, why: 'when they are resolved' },
      undo,
    ];
  if (needsInstallation)
    return [{ type: 'npm install', why: 'gets the packages' }, { type: tests, why: 'compiles and tests' }, undo];
  if (checks.isCompiled === false || checks.arePassed === false)
    return [{ type: tests, why: 'when it is mended' }, ...accept, undo];
  const commit = {
    type: `git add ${target.shown} && git commit`,
    why: 'keeps it, with .frontage for the next upgrade',
  };
  return checks.arePassed === true ? [commit, undo] : [{ type: tests, why: 'compiles and tests' }, commit, undo];
}

import type { AppDescription } from '../plan/app-description.js';
import { UsageError } from '../terminal/command.errors.js';
import { linesText } from '../terminal/terminal.js';
import { rules, type Finding, type Level, type RuleName } from './finding.js';
import { policyFindings } from './policy-rules.js';
import { routeFindings } from './route-rules.js';
import { locate, type Located } from './places.js';

const order: readonly Level[] = ['error', 'warning', 'note'];

/** A finding with the file and the line that it speaks of. */
export interface LocatedFinding extends Finding, Located {}

/**
 * The findings of an app, the gravest first.
 * @param folder of the app from the root of the workspace, with `/`
 * @param ignored names of rules
 * @throws UsageError for a rule that does not exist
 */
export function auditApp(
  app: AppDescription,
  {
    root,
    folder,
    ignored = [],
  }: { readonly root: string; readonly folder: string; readonly ignored?: readonly string[] },
): readonly LocatedFinding[] {
  for (const rule of ignored)
    if (!Object.hasOwn(rules, rule))
      throw new UsageError(`there is no rule "${rule}"; the rules are ${Object.keys(rules).join(', ')}`);
  const found = [...routeFindings(app), ...policyFindings(app)].filter(({ rule }) => !ignored.includes(rule));
  return found
    .map((one) => ({ ...one, ...locate(one.place, root, folder) }))
    .toSorted((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
}

/** Findings that fail the audit. */
export const failing = (findings: readonly Finding[]): number =>
  findings.filter(({ level }) => level !== 'note').length;

/** The findings for people: the place, the fact, the reason, the fix. */
export function auditText(bff: string, findings: readonly LocatedFinding[]): string {
  if (findings.length === 0) return `${bff}: nothing found by ${Object.keys(rules).length} rules\n`;
  const blocks = findings.map(({ level, rule, file, line, message, fix }) =>
    linesText([
      `${level}  ${rule}  ${file}${line === undefined ? '' : `:${line}`}`,
      `  ${message}`,
      `  why:  ${rules[rule satisfies RuleName]}`,
      `  fix:  ${fix}`,
    ]),
  );
  const counts = order
    .map((level) => [findings.filter((one) => one.level === level).length, level] as const)
    .filter(([count]) => count > 0)
    .map(([count, level]) => `${count} ${level}${count === 1 ? '' : 's'}`);
  return `${blocks.join('\n')}\n${bff}: ${counts.join(', ')}\n`;
}

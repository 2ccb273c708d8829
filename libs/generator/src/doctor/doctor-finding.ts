import { linesText } from '../terminal/terminal.js';

/** Errors and warnings fail `frontage doctor`; a note does not. */
type Level = 'error' | 'warning' | 'note';

/** Something in a workspace that is not as it should be, with its fix. */
export interface DoctorFinding {
  readonly rule: DoctorRule;
  readonly level: Level;
  /** A file or a folder from the root of the workspace. */
  readonly place: string;
  readonly message: string;
  /** The command or the lines to type. */
  readonly fix: string;
}

/** The reason of each rule, one sentence; docs/doctor.md has them in the same words. */
export const doctorRules = {
  'node-version': 'Another version of Node.js than the workspace asks for may lack what it uses.',
  'two-copies': 'Two copies of a package of Nest do not know the classes of each other: injection and guards fail.',
  'port-clash': 'Two apps on one port cannot run at the same time.',
  'stale-client': 'A client that is older than its contract or its overlay calls the service of yesterday.',
  'stale-document': 'The committed document of an app is not what it promises now.',
  'does-not-start': 'An app that does not build or start cannot be looked at.',
  'unused-upstream': 'A contract that no app uses is kept current for nobody.',
  'no-owner': 'Without a team nobody is asked when it breaks.',
  'template-drift': 'An app from an older template lacks what the template has learned since.',
  'changed-by-hand': 'A file that differs from its template gets the changes of later templates by a merge.',
} as const;

type DoctorRule = keyof typeof doctorRules;

const order: readonly Level[] = ['error', 'warning', 'note'];

/** The gravest first. */
export const sorted = (findings: readonly DoctorFinding[]): readonly DoctorFinding[] =>
  findings.toSorted((one, other) => order.indexOf(one.level) - order.indexOf(other.level));

/** Findings that fail the command. */
export const failing = (findings: readonly DoctorFinding[]): number =>
  findings.filter(({ level }) => level !== 'note').length;

/** The findings for people: the place, the fact, the reason, the fix. */
export function doctorText(findings: readonly DoctorFinding[]): string {
  if (findings.length === 0) return `nothing found by ${Object.keys(doctorRules).length} rules\n`;
  const blocks = sorted(findings).map(({ level, rule, place, message, fix }) =>
    linesText([`${level}  ${rule}  ${place}`, `  ${message}`, `  why:  ${doctorRules[rule]}`, `  fix:  ${fix}`]),
  );
  const counts = order
    .map((level) => [findings.filter((one) => one.level === level).length, level] as const)
    .filter(([count]) => count > 0)
    .map(([count, level]) => `${count} ${level}${count === 1 ? '' : 's'}`);
  return `${blocks.join('\n')}\n${counts.join(', ')}\n`;
}

import { linesText } from '../terminal/terminal.js';
import type { ImpactFinding } from './impact.js';

/** The versions that are compared. */
export interface Compared {
  readonly upstream: string;
  /** `3.0.0` */
  readonly before: string;
  readonly after: string;
}

const changeOf = ({ operation, request, subject, what }: ImpactFinding): string =>
  `${operation}, ${request}: ${subject === '' ? what : `${subject} ${what}`}`;

const grouped = (findings: readonly ImpactFinding[]): ReadonlyMap<string, readonly ImpactFinding[]> =>
  Map.groupBy(findings, changeOf);

/** `orders 3.0.0 -> 3.1.0: 2 changes break 3 endpoints` */
function headline({ upstream, before, after }: Compared, findings: readonly ImpactFinding[]): string {
  const versions = before === after ? before : `${before} -> ${after}`;
  if (findings.length === 0) return `${upstream} ${versions}: no screen notices the change`;
  const breaking = findings.filter(({ verdict }) => verdict === 'breaks');
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const endpoints = new Set(breaking.map(({ bff, screen }) => `${bff} ${screen}`)).size;
  if (breaking.length === 0) return `${upstream} ${versions}: nothing breaks`;
  const verb = grouped(breaking).size === 1 ? 'breaks' : 'break';
  return `${upstream} ${versions}: ${count(grouped(breaking).size, 'change')} ${verb} ${count(endpoints, 'endpoint')}`;
}

/** A line per change, and below it one per screen that notices it. */
export function impactText(compared: Compared, findings: readonly ImpactFinding[]): string {
  const blocks = [...grouped(findings)].map(([change, ofChange]) => {
    const rows = ofChange.map((one) => [
      one.verdict,
      one.bff,
      one.screen,
      one.part,
      one.members.join(', ') || 'the call',
      one.owner ?? '',
    ]);
    const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    return `\n${linesText([change, ...rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())])}`;
  });
  return `${linesText([headline(compared, findings)])}${blocks.join('')}`;
}

/** The same for a pull request. */
export function impactMarkdown(compared: Compared, findings: readonly ImpactFinding[]): string {
  const head = `### ${headline(compared, findings)}\n`;
  if (findings.length === 0) return head;
  const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
  const rows = findings.map((one) => {
    const change = `${code(one.operation)} ${one.subject === '' ? '' : `${code(one.subject)} `}${one.what.replaceAll('|', '\\|')}`;
    const members = one.members.map(code).join(', ') || 'the call';
    return `| ${[one.verdict, change, one.bff, code(one.screen), members, one.owner ?? ''].join(' | ')} |`;
  });
  return `${[head, '| verdict | change | BFF | endpoint | members | owner |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}

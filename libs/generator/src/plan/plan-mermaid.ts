import { terminalLine } from '@frontage/contracts/terminal-text';
import { duration, type PartView, type PlanView } from './plan-view.js';

/** A plan as a Mermaid flowchart: dashed where a part may be missing, thick along the critical path. */
export function planMermaid({ endpoint, parts, criticalPath, worstCaseMs }: PlanView): string {
  const ids = new Map(parts.map(({ name }, index) => [name, `p${index}`]));
  const idOf = (name: string): string => ids.get(name) ?? name;
  const nodes = parts.map((part) => `  ${idOf(part.name)}${shape(part)}`);
  const starts = parts
    .filter(({ after }) => after.length === 0)
    .map((part) => `  request ${arrow(part)} ${idOf(part.name)}`);
  const waits = parts.flatMap((part) => part.after.map((name) => `  ${idOf(name)} ${arrow(part)} ${idOf(part.name)}`));
  const ends = parts
    .filter(({ name }) => !parts.some(({ after }) => after.includes(name)))
    .map(({ name }) => `  ${idOf(name)} --> response`);
  const critical = criticalPath.map(({ name }) => idOf(name)).join(',');
  return [
    'flowchart LR',
    `  request([${quoted(`${endpoint.method} ${endpoint.path}`)}])`,
    ...nodes,
    `  response([${quoted(`response<br/>${duration(worstCaseMs)} at worst`)}])`,
    ...starts,
    ...waits,
    ...ends,
    ...(critical === '' ? [] : ['  classDef critical stroke-width:3px', `  class ${critical} critical`]),
    '',
  ].join('\n');
}

const arrow = ({ need }: PartView): string => (need === 'optional' ? '-.->' : '-->');

function shape({ name, kind, upstream, operation, timeout, worstCaseMs }: PartView): string {
  if (kind === 'step') return `{{${quoted(name)}}}`;
  const limit = timeout === undefined ? [] : [duration(worstCaseMs)];
  const times = kind === 'call' ? '' : ` (${kind})`;
  return `[${quoted([`${name}${times}`, `${upstream}.${operation}`, ...limit].join('<br/>'))}]`;
}

const quoted = (text: string): string => `"${terminalLine(text).replaceAll('"', '#quot;')}"`;

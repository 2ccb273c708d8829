import { ruleText } from './access-text.js';
import type { AccessDescription, FallbackDescription, ScreenDescription } from './app-description.js';
import { addressesText, cacheText, carriageText, hedgeText, limitsText, retryText } from './attempts-text.js';
import { duration, type Limit, type PartView, type PlanView } from './plan-view.js';
import { linesText } from '../terminal/terminal.js';

/** A plan as text: its dependencies as a tree, under each call its limits, and what is hardly meant. */
export function planTree(view: PlanView, warnings: readonly string[] = []): string {
  const { app, endpoint, screen, deadline, reserveMs, parts } = view;
  const inputs = Object.entries(screen.input).map(([group, how]) => (how === 'given' ? group : `${group} (validated)`));
  const ofPlan = screen.deadlineMs > deadline.ms ? `, ${duration(screen.deadlineMs)} by the plan` : '';
  const tightened = deadline.from === 'bff.yaml' ? ` by bff.yaml${ofPlan}` : '';
  const head = [
    ['plan', `${screen.name}, in ${fileOf(app, screen.source)}`],
    ['access', accessText(endpoint.access)],
    ['rate class', endpoint.rateClass ?? 'none'],
    ['input', inputs.join(', ') || 'none'],
    ['deadline', `${duration(deadline.ms)}${tightened}; ${duration(reserveMs)} of it are kept for the response`],
    ['at worst', worstText(view)],
    ...(screen.count === undefined ? [] : [['counts', `${screen.count}, in frontage_business_events_total`]]),
  ];
  const facts = [linesText(head.map(([name = '', text = '']) => `  ${name.padEnd(11)} ${text}`)), ...viewFacts(screen)];
  const roots = parts.filter((part) => parentOf(part, parts) === undefined);
  const tree = branches(roots, view, '  ');
  const lines = warnings.map((warning) => factLines('  ', 'warning', warning, 11));
  const below = lines.length === 0 ? '' : `\n${lines.join('')}`;
  return `${linesText([`${endpoint.method} ${endpoint.path}`])}\n${facts.join('')}\n${tree}${below}`;
}

/** The projected members of the response (the bytes that arrived) and the computed ones, with the reasons. */
function viewFacts({ view }: ScreenDescription): readonly string[] {
  if (view === undefined) return [];
  const projected = view.members.filter(({ how }) => how === 'projected').map(({ member }) => member || 'all of it');
  const reasons = new Map<string, string[]>();
  for (const { member, because } of view.members)
    if (because !== undefined) reasons.set(because, [...(reasons.get(because) ?? []), member || 'all of it']);
  const computed = [...reasons].map(([because, members]) => `${members.join(', ')}: ${because}`);
  return [
    ...(projected.length > 0 ? [factLines('  ', 'projected', projected.join(', '), 11)] : []),
    ...(computed.length > 0 ? [factLines('  ', 'computed', computed.join('; '), 11)] : []),
  ];
}

/** A path of the app as seen from the workspace. */
function fileOf(app: string, source: string): string {
  const file = source.replace(/(?::\d+)+$/, '');
  return file.startsWith('apps/') ? file : `apps/${app}/${file}`;
}

function worstText({ criticalPath, criticalPathMs, worstCaseMs }: PlanView): string {
  if (criticalPath.length === 0) return 'nothing is called';
  const way = criticalPath.map(({ name, worstCaseMs: ms }) => `${name} ${duration(ms)}`).join(', then ');
  const cut = worstCaseMs < criticalPathMs ? `, ${duration(criticalPathMs)} but for the deadline` : '';
  return `${duration(worstCaseMs)}: ${way}${cut}`;
}

const accessText = (access: 'public' | AccessDescription): string =>
  access === 'public' ? 'public' : ruleText(access) || 'any caller with a token';

/** The parent in the tree: of the parts that this one waits for, the one with most dependencies of its own. */
function parentOf(part: PartView, parts: readonly PartView[]): PartView | undefined {
  const byName = new Map(parts.map((one) => [one.name, one]));
  const depth = (one: PartView): number =>
    1 + Math.max(0, ...one.after.flatMap((name) => byName.get(name) ?? []).map(depth));
  return part.after.flatMap((name) => byName.get(name) ?? []).toSorted((a, b) => depth(b) - depth(a))[0];
}

function branches(siblings: readonly PartView[], view: PlanView, indent: string): string {
  return siblings
    .map((part, index) => {
      const isLast = index === siblings.length - 1;
      const children = view.parts.filter((one) => parentOf(one, view.parts)?.name === part.name);
      const below = `${indent}${isLast ? '   ' : '│  '}`;
      const margin = `${below}${children.length > 0 ? '│' : ' '}    `;
      const facts = factsOf(part, view).map(([name, text]) => factLines(margin, name, text));
      const line = linesText([`${indent}${isLast ? '└─' : '├─'} ${part.name}: ${headline(part)}`]);
      return line + facts.join('') + (children.length > 0 ? branches(children, view, below) : '');
    })
    .join('');
}

function headline(part: PartView): string {
  if (part.kind === 'step') return `computed of ${part.reads.join(', ')}`;
  const safe = part.safe === true ? ', which only reads' : '';
  return `${part.need} ${part.upstream}.${part.operation}, ${part.method} ${part.path}${safe}`;
}

function factsOf(part: PartView, view: PlanView): readonly (readonly [string, string])[] {
  const parent = parentOf(part, view.parts);
  const others = part.after.filter((name) => name !== parent?.name);
  const facts: (readonly [string, string | undefined])[] = [
    ['after', others.length > 0 ? `${others.join(', ')} too` : undefined],
    ['when', part.when],
    ['access', part.access && ruleText(part.access)],
    ['repeats', repetition(part)],
    ['sends', sent(part.args)],
    ['timeout', part.timeout && timeoutText(part.timeout, part)],
    ['over', part.carriage && carriageText(part.carriage)],
    ['to', part.carriage && addressesText(part.carriage)],
    ['retry', part.attempts?.retry && retryText(part.attempts.retry)],
    ['limits', part.attempts && limitsText(part.attempts)],
    ['hedge', part.attempts?.hedge && `a second attempt after ${hedgeText(part.attempts.hedge)}`],
    ['cache', part.cache && cacheText(part.cache)],
    ['else', part.kind === 'step' ? undefined : otherwise(part)],
    ['undo', part.undo && `${part.undo.upstream}.${part.undo.operation} where something fails later`],
    ['ends', Object.entries(part.refuses ?? {}).map(([on, problem]) => (part.kind === 'step' ? problem : `${on} as ${problem}`)).join(', ') || undefined],
    ['takes', part.onStatus && `${part.onStatus.join(', ')} as a value`],
    ['reads', fieldsText(part)],
    ['parses', part.parsing && [part.parsing.parses, ...(part.parsing.because ? [part.parsing.because] : [])].join(': ')],
  ]; // prettier-ignore
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

function repetition({
  kind,
  reads,
  keys = [],
  inner = [],
  maxCount,
  concurrency,
  size,
  maxPages,
  maxItems,
}: PartView): string | undefined {
  const many = `at most ${maxCount}`;
  switch (kind) {
    case 'each':
      return `once per item of ${reads[0]}, ${many}${inner.map((level) => `, and in each of ${level.over}, at most ${level.maxCount}`).join('')}${inner.length > 0 || Number(maxCount) > Number(concurrency) ? `, ${concurrency} at a time` : ''}`;
    case 'batch':
      return `${size} keys a call of ${keys.join(', ')}, ${many}, ${concurrency} calls at a time`;
    case 'pages':
      return `page after page, at most ${maxPages} pages and ${maxItems} items`;
    default:
      return undefined;
  }
}

/** `path.id = caller.subject, query.limit = 3`. */
function sent(args: unknown): string | undefined {
  if (!isRecord(args)) return undefined;
  const pairs = Object.entries(args).flatMap(([group, members]) =>
    isRecord(members) && !('$ref' in members)
      ? Object.entries(members).map(([name, value]) => `${group}.${name} = ${valueText(value)}`)
      : [`${group} = ${valueText(members)}`],
  );
  return pairs.length === 0 ? undefined : pairs.join(', ');
}

/** Most characters of a literal in a line. */
const maxLiteral = 60;

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (isRecord(value)) {
    const reference = value['$ref'];
    if (typeof reference === 'string') return reference;
    return `{ ${Object.entries(value).map(([name, own]) => `${name}: ${valueText(own)}`).join(', ')} }`; // prettier-ignore
  }
  const text = JSON.stringify(value);
  return text.length > maxLiteral ? `${text.slice(0, maxLiteral)}…` : text;
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

const sources: Readonly<Record<Limit['from'], string>> = {
  plan: 'of the plan',
  'bff.yaml': 'of this call in bff.yaml',
  upstream: 'of the upstream',
};

function timeoutText({ ms, from }: Limit, part: PartView): string {
  const all = part.worstCaseMs > ms ? `, ${duration(part.worstCaseMs)} for all of it` : '';
  return `${duration(ms)}, ${sources[from]}${all}`;
}

function otherwise({ need, kind, fallbacks, fallback }: PartView): string {
  const standIns = fallbacks ?? (fallback === undefined ? [] : [{ kind: 'value', value: fallback } as const]);
  const texts = standIns.map(fallbackText);
  if (need !== 'optional') return [...texts, 'no page: 502, 503 or 504'].join(', then ');
  const missing = kind === 'each' ? 'that item is missing' : 'the part is missing';
  return standIns.some((one) => one.kind === 'value') ? texts.join(', then ') : [...texts, missing].join(', then ');
}

function fallbackText(fallback: FallbackDescription): string {
  switch (fallback.kind) {
    case 'value':
      return valueText(fallback.value);
    case 'last_good':
      return `the last good response of the last ${duration(fallback.maxAgeMs)}`;
    case 'operation':
      return `${fallback.upstream}.${fallback.operation}`;
  }
}

function fieldsText({ fields }: PartView): string | undefined {
  if (fields === undefined) return undefined;
  const named = (paths: readonly string[]): string => paths.map((field) => field || 'all of it').join(', ');
  const others = fields.computed.filter((field) => !fields.kept.includes(field));
  if (others.length === 0) return named(fields.kept) || 'nothing';
  const rest = `computes with ${named(others)}`;
  return fields.kept.length === 0 ? rest : `${named(fields.kept)}; ${rest}`;
}

/** Most columns of a line of facts. */
const maxColumns = 120;

/** A fact with its name; a long one is broken between its members. */
function factLines(margin: string, name: string, text: string, width = 8): string {
  const start = `${margin}${name.padEnd(width)} `;
  const lines: string[] = [];
  let line = '';
  for (const piece of text.split(/(?<=[,;]) /)) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (line !== '' && start.length + longer.length > maxColumns) {
      lines.push(line);
      line = piece;
    } else line = longer;
  }
  return linesText(
    [...lines, line].map((one, index) => `${index === 0 ? start : margin + ' '.repeat(width + 1)}${one}`),
  );
}

import type { AppDescription } from './app-description.js';
import { hedgeText } from './attempts-text.js';
import { duration, type PartView, type PlanView } from './plan-view.js';

/** Facts of a plan that its policy makes impossible, or unlikely to be meant. Each is one sentence with what to write instead. */
export function planWarnings(view: PlanView, { policy }: AppDescription): readonly string[] {
  return [...lateTimeouts(view), ...lateHedges(view), ...longRows(view), ...unreachable(view, policy)];
}

/** The time that the deadline leaves for calls. */
const leftOf = ({ deadline, reserveMs }: PlanView): number => Math.max(0, deadline.ms - reserveMs);

/** A timeout longer than the deadline never ends a call: the deadline does, and leaves no time for another attempt. */
function* lateTimeouts(view: PlanView): Generator<string> {
  const left = leftOf(view);
  const late = new Map<number, string[]>();
  for (const { name, timeout, need } of view.parts) {
    // A write runs to its own timeout, also beyond the deadline.
    if (timeout === undefined || need === 'write' || timeout.ms <= left) continue;
    late.set(timeout.ms, [...(late.get(timeout.ms) ?? []), name]);
  }
  for (const [ms, names] of late)
    yield `the timeout of ${names.join(', ')} (${duration(ms)}) does not fit the deadline, which leaves ${duration(left)} and ends the call first; write ${duration(Math.max(1, Math.floor(left / 2)))} to ${duration(left)}, or a later deadline`;
}

function* lateHedges(view: PlanView): Generator<string> {
  const left = leftOf(view);
  for (const { name, timeout, attempts } of view.parts) {
    const { hedge } = attempts ?? {};
    const ends = Math.min(left, timeout?.ms ?? left);
    if (hedge?.afterMs === undefined || hedge.afterMs < ends) continue;
    yield `${name} is never hedged: ${hedgeText(hedge)} is not less than the ${duration(ends)} that a call may take`;
  }
}

/** Calls that wait for each other, of which the page needs the last one. */
function* longRows(view: PlanView): Generator<string> {
  const left = leftOf(view);
  const byName = new Map(view.parts.map((part) => [part.name, part]));
  const rowTo = (part: PartView): readonly PartView[] => {
    const before = part.after.flatMap((name) => byName.get(name) ?? []).map(rowTo);
    const longest = before.toSorted((a, b) => sumOf(b) - sumOf(a))[0] ?? [];
    return part.kind === 'step' ? longest : [...longest, part];
  };
  for (const part of view.parts) {
    if (part.need !== 'required' || part.kind === 'step') continue;
    const row = rowTo(part);
    const sum = sumOf(row);
    // One call alone is told by its timeout.
    if (row.length < 2 || sum <= left) continue;
    yield `${row.map(({ name }) => name).join(', then ')} may take ${duration(sum)} with their retries, and the deadline leaves ${duration(left)}: the page is a 504 though each call keeps its timeout`;
  }
}

const sumOf = (parts: readonly PartView[]): number => parts.reduce((sum, { worstCaseMs }) => sum + worstCaseMs, 0);

const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;

/** A page is available at most as often as all upstreams that it needs are at once. */
function* unreachable({ parts, screen }: PlanView, policy: AppDescription['policy']): Generator<string> {
  const wanted = policy.slo?.[screen.name]?.availability;
  if (wanted === undefined) return;
  const needed = new Set(
    parts.flatMap(({ need, kind, upstream, fallbacks }) =>
      kind !== 'step' && need !== 'optional' && upstream !== undefined && (fallbacks ?? []).length === 0
        ? [upstream]
        : [],
    ),
  );
  const known = [...needed].map((name) => [name, policy.upstreams?.[name]?.availability] as const);
  const silent = known.flatMap(([name, share]) => (share === undefined ? [name] : []));
  const together = known.reduce((all, [, share]) => all * (share ?? 1), 1);
  if (together < wanted) {
    const each = known.flatMap(([name, share]) => (share === undefined ? [] : [`${name} ${percent(share)}`]));
    yield `the required calls make ${percent(together)} (${each.join(', ')}), less than the ${percent(wanted)} of slo.${screen.name}.availability: make a call optional, or give it a fallback`;
  } else if (silent.length > 0)
    yield `slo.${screen.name}.availability is not known to be kept: ${silent.join(', ')} declare${silent.length === 1 ? 's' : ''} no availability (upstreams.<name>.availability)`;
}

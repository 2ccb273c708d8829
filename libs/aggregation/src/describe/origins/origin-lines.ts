import type { PlanDescription } from '../describe-plan.js';
import { noPage } from './origin-missing.js';
import type { Origin } from './origin.js';

/** The facts of a screen that its origins are told with. */
interface Described {
  readonly parts: PlanDescription['parts'];
  readonly origins: readonly Origin[];
}

/** The greatest age of a response from a cache, in milliseconds; undefined where none is kept. */
type AgeOf = (upstream: string, operation: string) => number | undefined;

/**
 * One line by member of a response, for its document: the fields it is made of, whether the screen needs them, the response without them,
 * the age, the owner and the classification. A member that no upstream has a part in has none.
 */
export function originLines({ parts, origins }: Described, ageOf: AgeOf): Readonly<Record<string, string>> {
  const lines = origins.flatMap((origin): readonly (readonly [string, string])[] => {
    if (origin.from.length === 0) return [];
    const named = [...new Set(origin.from.map(({ part }) => part))];
    const facts = [
      sourceText(origin),
      ...new Set(named.map((name) => needText(parts[name]?.need ?? 'required', origin.without[name] ?? noPage))),
      ...named.flatMap((name) => {
        const { upstream = '', operation = '' } = parts[name] ?? {};
        const age = ageOf(upstream, operation);
        return age === undefined ? [] : [`up to ${age / 1000} s old`];
      }),
      ...new Set(named.flatMap((name) => parts[name]?.owner ?? [])),
      ...(origin.classification === undefined ? [] : [origin.classification]),
    ];
    return [[origin.member === '' ? '(whole)' : origin.member, facts.join('; ')]];
  });
  return Object.fromEntries(lines);
}

/** `required`, `optional: suggested is null without it` */
const needText = (need: string, without: string): string =>
  without === noPage ? need : `${need}: ${without} without it`;

/** `orders.listOrders items[].total`; `mapEnum(profile.tier) of users.getUser tier` where it is computed. */
function sourceText({ from, expression }: Origin): string {
  const fields = from.map(({ upstream, operation, field }) => `${upstream}.${operation} ${field}`);
  const [only] = from;
  const isCopied = from.length === 1 && only?.use === undefined;
  return isCopied ? fields.join('') : `${expression} of ${fields.join(', ')}`;
}

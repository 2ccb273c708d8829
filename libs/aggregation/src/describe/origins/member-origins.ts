import { statedAgeMs, type CacheTimes } from '@frontage/core';
import type { Origin } from './origin.js';

/** An origin as `--describe` prints it; an app of another version may have further words under `mayBe`. */
export type DescribedOrigin = Omit<Origin, 'mayBe'> & { readonly mayBe?: readonly string[] };

/** A member of a response that someone asks about. */
export interface FoundMember<Described extends DescribedOrigin = DescribedOrigin> {
  /** Its name, with `[]` for any item. */
  readonly member: string;
  /** The origins of it, or of the members below it. */
  readonly origins: readonly Described[];
  /** The rest of the name below a value that is sent as a whole: `.amount`. Its document says whether there is such a member. */
  readonly below: string;
}

/**
 * Finds a member of a response: `orders[].total`, `orders[0].total`, or a member below one that is sent as a whole.
 * @returns `undefined` where there is none of that name
 */
export function findMember<Described extends DescribedOrigin>(
  asked: string,
  origins: readonly Described[],
): FoundMember<Described> | undefined {
  const anyItem = asked.replaceAll(/\[\d+\]/g, '[]').replace(/^\./, '');
  for (const member of [asked, anyItem]) {
    const exact = origins.filter((one) => one.member === member);
    const inside = origins.filter((one) => isBelow(one.member, member));
    if (exact.length + inside.length > 0) return { member, origins: [...exact, ...inside], below: '' };
  }
  const around = origins.filter((one) => isBelow(anyItem, one.member) && isWhole(one, origins));
  const nearestAround = around.toSorted((one, other) => other.member.length - one.member.length)[0];
  if (nearestAround === undefined) return undefined;
  return { member: anyItem, origins: [nearestAround], below: anyItem.slice(nearestAround.member.length) };
}

const isBelow = (member: string, above: string): boolean =>
  above === '' ? member !== '' : member.startsWith(`${above}.`) || member.startsWith(`${above}[`);

/** A value of an upstream that is sent with all its members. */
const isWhole = ({ member, from }: DescribedOrigin, origins: readonly DescribedOrigin[]): boolean =>
  from.some(({ use }) => use === undefined) &&
  origins.every((one) => !isBelow(one.member, member) || one.classification !== undefined);

/** One field of an upstream that a member is made of, with the facts of its call. */
export interface SourceFacts {
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  /** `GET /orders` */
  readonly request: string;
  readonly field: string;
  readonly isComputed: boolean;
  readonly need: string;
  /** The response that a client gets without the part. */
  readonly without: string;
  /** Most milliseconds that the value may be old; absent where no response is kept. */
  readonly maxAgeMs?: number;
  readonly owner?: string;
}

/** The origin of a member with the policy of its calls. */
export interface MemberFacts {
  readonly member: string;
  readonly expression: string;
  readonly sources: readonly SourceFacts[];
  /** `null`, `absent` */
  readonly mayBe: readonly string[];
  readonly classification?: string;
}

/** The facts about a part that an origin does not have. */
export interface PartFacts {
  readonly method?: string;
  readonly path?: string;
  readonly need?: string;
  readonly owner?: string;
  readonly fallbacks?: readonly (
    { readonly kind: 'last_good'; readonly maxAgeMs: number } | { readonly kind: string }
  )[];
}

/** The upstreams of a policy, as far as their responses are kept. */
export type CachePolicies = Readonly<
  Record<string, { readonly cache?: Readonly<Record<string, Partial<CacheTimes> | undefined>> } | undefined>
>;

/** @param below the rest of the name below a value that is sent as a whole */
export function memberFacts(
  parts: Readonly<Record<string, PartFacts | undefined>>,
  upstreams: CachePolicies,
  origin: DescribedOrigin,
  below = '',
): MemberFacts {
  return {
    member: origin.member + below,
    expression: origin.expression + below,
    sources: origin.from.map((from): SourceFacts => {
      const part = parts[from.part];
      const maxAgeMs = ageOf(upstreams[from.upstream]?.cache?.[from.operation], part);
      return {
        part: from.part,
        upstream: from.upstream,
        operation: from.operation,
        request: `${part?.method ?? ''} ${part?.path ?? ''}`,
        field: from.use === undefined ? extended(from.field, below) : from.field,
        isComputed: from.use !== undefined,
        need: part?.need ?? 'required',
        without: origin.without[from.part] ?? '',
        ...(maxAgeMs !== undefined && { maxAgeMs }),
        ...(part?.owner !== undefined && { owner: part.owner }),
      };
    }),
    mayBe: origin.mayBe ?? [],
    ...(origin.classification !== undefined && { classification: origin.classification }),
  };
}

/** The age of a response in the cache; a last good response may be older. */
function ageOf(cache: Partial<CacheTimes> | undefined, part: PartFacts | undefined): number | undefined {
  const ages = [
    statedAgeMs(cache),
    ...(part?.fallbacks ?? []).map((one) => ('maxAgeMs' in one ? one.maxAgeMs : undefined)),
  ].filter((age) => age !== undefined);
  return ages.length === 0 ? undefined : Math.max(...ages);
}

/** `(whole)` and `.city` -> `city`; `total` and `.amount` -> `total.amount`. */
const extended = (field: string, below: string): string =>
  below === '' ? field : field === '(whole)' ? below.replace(/^\./, '') : field + below;

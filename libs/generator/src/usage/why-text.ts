import { greatestAgeMs } from '@frontage/core';
import type {
  AppDescription,
  EndpointDescription,
  OriginDescription,
  PartDescription,
} from '../plan/app-description.js';
import { duration } from '../plan/plan-view.js';
import { linesText } from '../terminal/terminal.js';

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

export function memberFacts(
  app: AppDescription,
  endpoint: EndpointDescription,
  origin: OriginDescription,
  below = '',
): MemberFacts {
  const parts = endpoint.screen?.parts ?? {};
  return {
    member: origin.member + below,
    expression: origin.expression + below,
    sources: origin.from.map((from): SourceFacts => {
      const part = parts[from.part];
      const maxAgeMs = ageOf(app, from.upstream, from.operation, part);
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
function ageOf(
  { policy }: AppDescription,
  upstream: string,
  operation: string,
  part: PartDescription | undefined,
): number | undefined {
  const cache = policy.upstreams?.[upstream]?.cache?.[operation];
  const ages = [
    cache && greatestAgeMs(cache),
    ...(part?.fallbacks ?? []).map((one) => (one.kind === 'last_good' ? one.maxAgeMs : undefined)),
  ].filter((age) => age !== undefined);
  return ages.length === 0 ? undefined : Math.max(...ages);
}

/** `(whole)` and `.city` -> `city`; `total` and `.amount` -> `total.amount`. */
const extended = (field: string, below: string): string =>
  below === '' ? field : field === '(whole)' ? below.replace(/^\./, '') : field + below;

/** All facts of one member, a block per part. */
export function whyText({ member, expression, sources, mayBe, classification }: MemberFacts, place: string): string {
  const head = `${member === '' ? 'the whole response' : member} of ${place}\n`;
  if (sources.length === 0) return `${head}\n${linesText([`  made here    ${expression}`])}`;
  const own: readonly (readonly [string, string | undefined])[] = [
    ['expression', expression],
    ['may be', mayBe.join(' or ') || undefined],
    ['class', classification],
  ];
  const blocks = [...Map.groupBy(sources, ({ part }) => part).values()].map((ofPart) => {
    const [first] = ofPart;
    if (first === undefined) return '';
    const { part, upstream, operation, request, need, without, maxAgeMs, owner } = first;
    return block([
      ['upstream', `${upstream}.${operation}, ${request}`],
      [ofPart.length > 1 ? 'fields' : 'field', ofPart.map(fieldText).join(', ')],
      ['part', `${part}, ${need}`],
      ['without it', without],
      ['age', maxAgeMs === undefined ? 'that of the request' : `up to ${duration(maxAgeMs)}`],
      ['owner', owner ?? 'nobody: name one with x-owner in the overlay of the contract'],
    ]);
  });
  return [head, block(own), ...blocks].join('\n');
}

const fieldText = ({ field, isComputed }: SourceFacts): string => (isComputed ? `${field} (computed with)` : field);

const block = (facts: readonly (readonly [string, string | undefined])[]): string =>
  linesText(facts.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(11)}  ${text}`])));

/** One line per member, for an endpoint or for a member with others below it. */
export function membersText(members: readonly MemberFacts[], place: string): string {
  const width = Math.max(0, ...members.map(({ member }) => member.length));
  const rows = members.map(({ member, sources, expression, classification }) => {
    const fields = sources.map(({ upstream, operation, field }) => `${upstream}.${operation} ${field}`);
    const text = fields.length === 0 ? expression : fields.join(', ');
    return `  ${member.padEnd(width)}  ${text}${classification === undefined ? '' : `  (${classification})`}`;
  });
  return `${place}\n\n${linesText(rows)}`;
}

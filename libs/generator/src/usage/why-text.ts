import type { MemberFacts, SourceFacts } from '@frontage/aggregation/member-origins';
import { duration } from '../plan/plan-view.js';
import { linesText } from '../terminal/terminal.js';

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

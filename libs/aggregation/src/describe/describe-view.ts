import type { Screen } from '../view/screen.js';
import type { WhyParsed } from '../compile/bind.js';
import { ExpressionShapes } from '../schema/expression-shapes.js';
import { partsIn } from '../compile/projectable-parts.js';
import type { Output } from '../projection/output.js';
import { splitView } from '../projection/split-view.js';

/** The way in which one member of a response is made. */
export interface MemberDescription {
  /** `user.name`, `orders`; empty for the whole response. */
  readonly member: string;
  /** Projected: its bytes are those of an upstream. Computed: a function, a mapping or a condition makes it of parsed values. */
  readonly how: 'projected' | 'computed';
  /** Names of the parts that it is made of; none for a constant. */
  readonly from: readonly string[];
  /** The reason why it is computed. */
  readonly because?: string;
}

/** The share of the response of one part that is parsed. */
export interface ParsingDescription {
  readonly parses: 'nothing' | 'what is computed with' | 'all of it';
  /** The reason why all of it is parsed. */
  readonly because?: string;
}

export interface ViewDescription {
  readonly members: readonly MemberDescription[];
  /** By name of the part. Steps belong to no upstream and are left out. */
  readonly parsing: Readonly<Record<string, ParsingDescription>>;
}

/** Lists the projected and the computed members of a view, and how much is parsed for them. */
export function describeView(screen: Screen<unknown>, whyParsed?: WhyParsed): ViewDescription {
  const { parts } = screen.plan;
  const split = splitView(screen, new ExpressionShapes(screen.plan), whyParsed);
  const nameOf = (position: number): string => parts[position]?.name ?? '';
  const parsing = parts.flatMap(({ name, node }, position): [string, ParsingDescription][] => {
    if (node.kind === 'step') return [];
    const draft = split.parts[position];
    if (typeof draft === 'string') return [[name, { parses: 'all of it', because: draft }]];
    return [[name, { parses: draft?.values === undefined ? 'nothing' : 'what is computed with' }]];
  });
  return { members: [...membersOf(split.output, '', nameOf)], parsing: Object.fromEntries(parsing) };
}

function* membersOf(
  output: Output,
  member: string,
  nameOf: (position: number) => string,
): Generator<MemberDescription> {
  switch (output.kind) {
    case 'object':
      for (const [name, value] of output.members)
        yield* membersOf(value, member === '' ? name : `${member}.${name}`, nameOf);
      return;
    case 'array':
      for (const [index, item] of output.items.entries()) yield* membersOf(item, `${member}[${index}]`, nameOf);
      return;
    case 'concat':
      yield* ofLists(
        output.lists.flatMap((list) => [...membersOf(list, member, nameOf)]),
        member,
      );
      return;
    case 'otherwise':
      yield* membersOf(output.of, member, nameOf);
      return;
    case 'projected':
    case 'items':
      yield { member, how: 'projected', from: [nameOf(output.part)] };
      return;
    case 'computed': {
      const from = [...new Set(partsIn(output.expression).map(nameOf))];
      yield { member, how: 'computed', from, because: output.reason };
      return;
    }
    default:
      yield { member, how: 'projected', from: [] };
  }
}

/** A list that is made of several: once for all lists that are projected. */
function* ofLists(lists: readonly MemberDescription[], member: string): Generator<MemberDescription> {
  const projected = lists.filter(({ how }) => how === 'projected');
  if (projected.length > 0)
    yield { member, how: 'projected', from: [...new Set(projected.flatMap(({ from }) => from))] };
  yield* lists.filter(({ how }) => how === 'computed');
}

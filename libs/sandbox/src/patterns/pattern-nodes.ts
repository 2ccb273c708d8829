import type { AST } from '@eslint-community/regexpp';
import { emptyText, following, hasLength, lengthsIn, oneCharacter, type LengthSet } from './length-sets.js';
import { charactersOf, type Breadth } from './pattern-characters.js';
import type { Random } from './random.js';

/** The state of one text that is made. */
export interface Making {
  readonly random: Random;
  readonly breadth: Breadth;
  /** The texts of the groups, for the references to them. */
  readonly groups: Map<AST.CapturingGroup, string>;
}

/** A part of a pattern: the lengths that it can have, and a text of one of them. */
export interface PatternNode {
  readonly lengths: LengthSet;
  make(length: number, making: Making): string;
}

const nothing: PatternNode = { lengths: emptyText, make: () => '' };

/** Builds the nodes of one pattern for texts of at most `limit` code points. Assertions count as empty: the text is tested afterwards. */
export class PatternNodes {
  readonly #groups = new Map<AST.CapturingGroup, PatternNode>();

  constructor(
    private readonly limit: number,
    private readonly flags: string,
  ) {}

  /** @param isFilled whether other text may stand before and behind, where the pattern is not bound to start and end */
  choice(alternatives: readonly AST.Alternative[], isFilled = false): PatternNode {
    const options = alternatives.map(({ elements }) => {
      const nodes = elements.map((element) => this.#element(element));
      if (!isFilled) return this.#sequence(nodes);
      const before = isAssertion(elements[0], 'start') ? nothing : this.#filler();
      const behind = isAssertion(elements.at(-1), 'end') ? nothing : this.#filler();
      return this.#sequence([before, ...nodes, behind]);
    });
    const [only] = options;
    if (options.length === 1 && only !== undefined) return only;
    return {
      lengths: options.reduce((all, { lengths }) => all | lengths, 0n),
      make: (length, making) =>
        making.random.pick(options.filter(({ lengths }) => hasLength(lengths, length))).make(length, making),
    };
  }

  #element(element: AST.Element): PatternNode {
    switch (element.type) {
      case 'Assertion':
        return nothing;
      case 'Quantifier':
        return this.#repeated(this.#element(element.element), element.min, element.max);
      case 'Group':
        return this.choice(element.alternatives);
      case 'CapturingGroup':
        return this.#captured(element);
      case 'Backreference':
        return this.#referred(element);
      default:
        return this.#character(element.raw);
    }
  }

  #character(source: string): PatternNode {
    const choice = charactersOf(source, this.flags);
    if (choice.all.length === 0) return { lengths: 0n, make: () => '' };
    return { lengths: oneCharacter, make: (_, { random, breadth }) => random.pick(random.pick(choice[breadth])) };
  }

  #captured(group: AST.CapturingGroup): PatternNode {
    const inner = this.choice(group.alternatives);
    const node: PatternNode = {
      lengths: inner.lengths,
      make: (length, making) => {
        const text = inner.make(length, making);
        making.groups.set(group, text);
        return text;
      },
    };
    this.#groups.set(group, node);
    return node;
  }

  /** A group that comes later is empty at this place. */
  #referred({ resolved }: AST.Backreference): PatternNode {
    const group = Array.isArray(resolved) ? undefined : resolved;
    const node = group === undefined ? undefined : this.#groups.get(group);
    if (group === undefined || node === undefined) return nothing;
    return { lengths: node.lengths, make: (_, { groups }) => groups.get(group) ?? '' };
  }

  #sequence(nodes: readonly PatternNode[]): PatternNode {
    // rests[i] has the lengths of all nodes from i on.
    const rests: LengthSet[] = [emptyText];
    for (const { lengths } of nodes.toReversed()) rests.unshift(following(lengths, rests[0] ?? emptyText, this.limit));
    return {
      lengths: rests[0] ?? emptyText,
      make: (length, making) => {
        let left = length;
        return nodes
          .map((node, index) => {
            const rest = rests[index + 1] ?? emptyText;
            const taken = making.random.pick(
              lengthsIn(node.lengths, 0, left).filter((each) => hasLength(rest, left - each)),
            );
            left -= taken;
            return node.make(taken, making);
          })
          .join('');
      },
    };
  }

  #repeated(node: PatternNode, min: number, max: number): PatternNode {
    if (node.lengths === oneCharacter) return this.#characters(node, min, Math.min(max, this.limit));
    // counts[n] has the lengths of n repetitions.
    const counts: LengthSet[] = [emptyText];
    const last = Math.min(max, Math.max(min, this.limit));
    for (let count = 1; count <= last; count += 1) {
      const next = following(counts[count - 1] ?? 0n, node.lengths, this.limit);
      if (next === 0n || (count > min && next === counts[count - 1])) break;
      counts.push(next);
    }
    const allowed = counts.map((lengths, count) => ({ lengths, count })).filter(({ count }) => count >= min);
    return {
      lengths: allowed.reduce((all, { lengths }) => all | lengths, 0n),
      make: (length, making) => {
        const { count } = making.random.pick(allowed.filter(({ lengths }) => hasLength(lengths, length)));
        let left = length;
        let text = '';
        for (let index = count - 1; index >= 0; index -= 1) {
          const rest = counts[index] ?? emptyText;
          const taken = making.random.pick(
            lengthsIn(node.lengths, 0, left).filter((each) => hasLength(rest, left - each)),
          );
          left -= taken;
          text += node.make(taken, making);
        }
        return text;
      },
    };
  }

  /** The ordinary case, in one step: as many characters as the text is long. */
  #characters(node: PatternNode, min: number, max: number): PatternNode {
    const upTo = (length: number): LengthSet => (1n << BigInt(length + 1)) - 1n;
    return {
      lengths: max < min ? 0n : upTo(max) & ~(min === 0 ? 0n : upTo(min - 1)),
      make: (length, making) => Array.from({ length }, () => node.make(1, making)).join(''),
    };
  }

  #filler(): PatternNode {
    return this.#repeated(this.#character('[a-z]'), 0, Infinity);
  }
}

const isAssertion = (element: AST.Element | undefined, kind: 'start' | 'end'): boolean =>
  element?.type === 'Assertion' && element.kind === kind;

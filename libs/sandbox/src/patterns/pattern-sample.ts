import { RegExpParser, type AST } from '@eslint-community/regexpp';
import type { Breadth } from './pattern-characters.js';
import { lengthsIn } from './length-sets.js';
import { PatternNodes } from './pattern-nodes.js';
import type { Random } from './random.js';

export interface TextLimits {
  /** In code points. @default 0 */
  readonly minLength?: number;
  /** In code points. @default none */
  readonly maxLength?: number;
  /** A further rule for the text. */
  readonly accepts?: (text: string) => boolean;
}

/** Longer texts are not made for a pattern. */
const longest = 5000;
/** Number of texts that are tested: assertions (`(?=...)`, `\b`) are met by trying. */
const maxTries = 150;
const breadths: readonly Breadth[] = ['usual', 'usual', 'ascii', 'ascii', 'all'];

/**
 * A text that a regular expression accepts, of a length within limits. Undefined where the expression is invalid or none is found. A
 * returned text has been matched against the expression.
 */
export function matchOf(pattern: string, random: Random, limits: TextLimits = {}): string | undefined {
  const expression = expressionOf(pattern);
  const { minLength = 0, maxLength = Infinity, accepts } = limits;
  if (expression === undefined || minLength > maxLength || minLength > longest) return undefined;
  const parsed = parse(pattern, expression.flags);
  if (parsed === undefined) return undefined;
  // A group that is referred to can make a text longer or shorter than it was meant to be.
  const isGood = (text: string): boolean =>
    isWithin(Array.from(text).length, minLength, maxLength) && expression.test(text) && (accepts?.(text) ?? true);
  const limit = Math.min(maxLength, Math.max(minLength, shortestOf(parsed.alternatives)) + 60, longest);
  for (const isFilled of [false, true]) {
    const node = new PatternNodes(limit, expression.flags).choice(parsed.alternatives, isFilled);
    const lengths = usualLengths(lengthsIn(node.lengths, minLength, limit));
    for (let tries = 0; tries < maxTries && lengths.length > 0; tries += 1) {
      // A few of the shortest lengths at first, then all of them.
      const among = tries < maxTries / 3 ? lengths.slice(0, 8) : lengths;
      const breadth = breadths[Math.floor((tries * breadths.length) / maxTries)] ?? 'all';
      const text = node.make(random.pick(among), { random, breadth, groups: new Map() });
      if (isGood(text)) return text;
    }
  }
  return undefined;
}

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;

/** Texts of one or two characters say little: they are used where no longer ones are possible. */
function usualLengths(lengths: readonly number[]): readonly number[] {
  const telling = lengths.filter((length) => length >= 3);
  return telling.length > 0 ? [...telling, ...lengths.filter((length) => length < 3)] : lengths;
}

/** A pattern of a contract as an expression: with the flag `u`, or without it where it is valid only so; undefined where it is invalid. */
export function expressionOf(pattern: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

function parse(pattern: string, flags: string): AST.Pattern | undefined {
  try {
    return new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: flags === 'u' });
  } catch (error) {
    // The parser may know fewer forms than the engine.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The least number of characters that an expression can match. */
function shortestOf(alternatives: readonly AST.Alternative[]): number {
  const sizes = alternatives.map(({ elements }) => elements.reduce((sum, element) => sum + sizeOf(element), 0));
  return Math.min(longest, ...sizes);
}

function sizeOf(element: AST.Element): number {
  switch (element.type) {
    case 'Assertion':
    case 'Backreference':
      return 0;
    case 'Quantifier':
      return element.min * sizeOf(element.element);
    case 'Group':
    case 'CapturingGroup':
      return shortestOf(element.alternatives);
    default:
      return 1;
  }
}

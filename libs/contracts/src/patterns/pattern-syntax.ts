import {
  anyCodePoint,
  blanks,
  complement,
  digits,
  notLineEnds,
  union,
  wordCharacters,
  type CodePoints,
} from './code-points.js';

/** A regular expression, reduced to how often its parts may match. */
export type PatternNode =
  | { readonly kind: 'characters'; readonly set: CodePoints }
  /** `^` and `$`, the edges of words, and what is looked at without being read. */
  | { readonly kind: 'assertion'; readonly at: 'start' | 'elsewhere'; readonly looksAt?: PatternNode }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number };

/**
 * Reads a pattern that compiles with the flag `u`; undefined where it uses syntax that is not supported here (modifiers, references).
 */
export function readPattern(pattern: string): PatternNode | undefined {
  const reader = new PatternReader(pattern);
  const node = reader.choice();
  return reader.isDone ? node : undefined;
}

const simpleEscapes: ReadonlyMap<string, CodePoints> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['w', wordCharacters],
  ['W', complement(wordCharacters)],
  ['s', blanks],
  ['S', complement(blanks)],
  ['t', [[0x09, 0x09]]],
  ['n', [[0x0a, 0x0a]]],
  ['v', [[0x0b, 0x0b]]],
  ['f', [[0x0c, 0x0c]]],
  ['r', [[0x0d, 0x0d]]],
  ['0', [[0x00, 0x00]]],
]);

class PatternReader {
  readonly #rest: readonly string[];
  #at = 0;
  #unknown = false;

  constructor(pattern: string) {
    // The flag `u` counts code points.
    this.#rest = Array.from(pattern);
  }

  get isDone(): boolean {
    return !this.#unknown && this.#at >= this.#rest.length;
  }

  choice(): PatternNode {
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { kind: 'choice', branches };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (!this.#unknown && this.#at < this.#rest.length && !this.#sees('|') && !this.#sees(')')) {
      const item = this.#repeated(this.#item());
      // A group that is not repeated changes nothing.
      if (item.kind === 'sequence') items.push(...item.items);
      else items.push(item);
    }
    return { kind: 'sequence', items };
  }

  #item(): PatternNode {
    if (this.#take('^')) return { kind: 'assertion', at: 'start' };
    if (this.#take('$')) return { kind: 'assertion', at: 'elsewhere' };
    if (this.#take('.')) return { kind: 'characters', set: notLineEnds };
    if (this.#take('[')) return { kind: 'characters', set: this.#class() };
    if (this.#take('(')) return this.#group();
    if (this.#take('\\')) {
      if (this.#take('b') || this.#take('B')) return { kind: 'assertion', at: 'elsewhere' };
      return { kind: 'characters', set: this.#escape() };
    }
    return { kind: 'characters', set: single(this.#next()) };
  }

  #group(): PatternNode {
    let looks = false;
    if (this.#take('?')) {
      if (this.#take('=') || this.#take('!')) looks = true;
      else if (this.#take('<')) {
        if (this.#take('=') || this.#take('!')) looks = true;
        else while (!this.#unknown && !this.#take('>')) this.#next();
      } else if (!this.#take(':')) this.#unknown = true;
    }
    const inner = this.choice();
    if (!this.#take(')')) this.#unknown = true;
    return looks ? { kind: 'assertion', at: 'elsewhere', looksAt: inner } : inner;
  }

  #repeated(of: PatternNode): PatternNode {
    const [min, max] = this.#bounds();
    // A lazy quantifier changes which way is tried first, not how many there are.
    if (max !== 1 || min !== 1) this.#take('?');
    return min === 1 && max === 1 ? of : { kind: 'repeat', of, min, max };
  }

  #bounds(): readonly [min: number, max: number] {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    if (!this.#take('{')) return [1, 1];
    let text = '';
    while (!this.#unknown && !this.#take('}')) text += this.#next();
    const [min = '', max = min] = text.split(',');
    return [Number(min), max === '' ? Infinity : Number(max)];
  }

  #class(): CodePoints {
    const negated = this.#take('^');
    const sets: CodePoints[] = [];
    while (!this.#unknown && !this.#take(']')) {
      const first = this.#classMember();
      if (!this.#sees('-') || this.#rest[this.#at + 1] === ']') {
        sets.push(first);
        continue;
      }
      this.#at++;
      const last = this.#classMember();
      sets.push([[first[0]?.[0] ?? 0, last.at(-1)?.[1] ?? 0]]);
    }
    // A member that stands for more than its own characters would make the complement too small.
    if (negated) return sets.includes(anyCodePoint) ? anyCodePoint : complement(union(...sets));
    return union(...sets);
  }

  #classMember(): CodePoints {
    if (!this.#take('\\')) return single(this.#next());
    return this.#take('b') ? [[0x08, 0x08]] : this.#escape();
  }

  #escape(): CodePoints {
    const letter = this.#next();
    const simple = simpleEscapes.get(letter);
    if (simple !== undefined) return simple;
    if (letter === 'p' || letter === 'P') {
      while (!this.#unknown && !this.#take('}')) this.#next();
      return anyCodePoint;
    }
    if (letter === 'x') return single(this.#hex(2));
    if (letter === 'c') return [[this.#next().charCodeAt(0) % 32, 0]].map(([code = 0]) => [code, code] as const);
    if (letter === 'u') return single(this.#unicode());
    return single(letter);
  }

  #unicode(): string {
    if (this.#take('{')) {
      let digits = '';
      while (!this.#unknown && !this.#take('}')) digits += this.#next();
      return String.fromCodePoint(Number.parseInt(digits, 16));
    }
    const unit = this.#hex(4);
    const isHigh = /^[\ud800-\udbff]$/.test(unit);
    if (!isHigh || !this.#sees('\\') || this.#rest[this.#at + 1] !== 'u' || this.#rest[this.#at + 2] === '{')
      return unit;
    const before = this.#at;
    this.#at += 2;
    const low = this.#hex(4);
    if (/^[\udc00-\udfff]$/.test(low)) return unit + low;
    this.#at = before;
    return unit;
  }

  #hex(count: number): string {
    let digits = '';
    for (let i = 0; i < count; i++) digits += this.#next();
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #sees(character: string): boolean {
    return this.#rest[this.#at] === character;
  }

  #take(character: string): boolean {
    const taken = this.#sees(character);
    if (taken) this.#at++;
    return taken;
  }

  #next(): string {
    const next = this.#rest[this.#at++];
    if (next === undefined) this.#unknown = true;
    return next ?? '';
  }
}

const single = (character: string): CodePoints => {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
};

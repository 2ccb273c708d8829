import { table } from '@frontage/core';
import type { Random } from './random.js';

/**
 * A text that a regular expression accepts, for the syntax that contracts use: literals, classes, groups, alternatives and repetition.
 * Undefined where the expression uses more than that. A returned text has been matched against the expression.
 */
export function matchOf(pattern: string, random: Random): string | undefined {
  let accepts: RegExp;
  try {
    accepts = new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
  const made = new PatternSampler(pattern, random).read();
  return made !== undefined && accepts.test(made) ? made : undefined;
}

const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const wordCharacters = lower + lower.toUpperCase() + digits + '_';
const anyCharacter = lower + digits;
const escapes: Readonly<Record<string, string>> = table({
  d: digits,
  w: wordCharacters,
  s: ' ',
  n: '\n',
  t: '\t',
  D: lower,
  W: '-',
  S: lower,
});

class PatternSampler {
  readonly #pattern: string;
  readonly #random: Random;
  #at = 0;
  #understood = true;

  constructor(pattern: string, random: Random) {
    this.#pattern = pattern;
    this.#random = random;
  }

  read(): string | undefined {
    const make = this.#alternatives();
    return this.#understood && this.#at === this.#pattern.length ? make() : undefined;
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? '';
  }

  #take(): string {
    const taken = this.#peek();
    this.#at += 1;
    return taken;
  }

  #alternatives(): () => string {
    const options = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#take();
      options.push(this.#sequence());
    }
    return () => this.#random.pick(options)();
  }

  #sequence(): () => string {
    const parts: (() => string)[] = [];
    while (this.#understood && this.#at < this.#pattern.length && !'|)'.includes(this.#peek())) {
      parts.push(this.#repeated(this.#atom()));
    }
    return () => parts.map((part) => part()).join('');
  }

  #atom(): () => string {
    const character = this.#take();
    if (character === '^' || character === '$') return () => '';
    if (character === '.') return () => this.#oneOf(anyCharacter);
    if (character === '[') return this.#characterClass();
    if (character === '(') return this.#group();
    if (character === '\\') return this.#escape(this.#take());
    return () => character;
  }

  #escape(letter: string): () => string {
    if (letter === 'b' || letter === 'B') return () => '';
    // Properties, back references and code points are not supported.
    if (/[pPukx1-9c]/.test(letter)) this.#understood = false;
    const set = escapes[letter] ?? letter;
    return () => this.#oneOf(set);
  }

  #group(): () => string {
    if (this.#peek() === '?') {
      this.#take();
      if (this.#take() !== ':') this.#understood = false;
    }
    const inner = this.#alternatives();
    if (this.#take() !== ')') this.#understood = false;
    return inner;
  }

  #characterClass(): () => string {
    const negated = this.#peek() === '^';
    if (negated) this.#take();
    let set = '';
    while (this.#at < this.#pattern.length && this.#peek() !== ']') {
      const first = this.#take();
      if (first === '\\') {
        const letter = this.#take();
        if (/[pPukxc]/.test(letter)) this.#understood = false;
        set += escapes[letter] ?? letter;
      } else if (this.#peek() === '-' && this.#pattern[this.#at + 1] !== ']') {
        this.#take();
        const last = this.#take();
        for (let code = first.charCodeAt(0); code <= last.charCodeAt(0) && set.length < 500; code += 1) {
          set += String.fromCharCode(code);
        }
      } else set += first;
    }
    this.#take();
    const allowed = negated
      ? Array.from(`${anyCharacter} -`)
          .filter((one) => !set.includes(one))
          .join('')
      : set;
    if (allowed === '') this.#understood = false;
    return () => this.#oneOf(allowed);
  }

  #repeated(atom: () => string): () => string {
    const [min, max] = this.#bounds();
    if (this.#peek() === '?' && max !== min) this.#take();
    return () => Array.from({ length: this.#random.integer(min, max) }, atom).join('');
  }

  #bounds(): readonly [min: number, max: number] {
    const rest = this.#pattern.slice(this.#at, this.#at + 16);
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(rest);
    if (counted !== null) {
      this.#at += counted[0].length;
      const min = Number(counted[1]);
      if (counted[2] === undefined) return [min, min];
      return [min, counted[3] === '' ? min + 3 : Math.min(Number(counted[3]), min + 8)];
    }
    const sign = this.#peek();
    if (sign !== '*' && sign !== '+' && sign !== '?') return [1, 1];
    this.#take();
    return sign === '?' ? [0, 1] : [sign === '+' ? 1 : 0, 6];
  }

  #oneOf(set: string): string {
    return set[this.#random.integer(0, set.length - 1)] ?? '';
  }
}

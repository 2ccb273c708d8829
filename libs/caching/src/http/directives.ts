import { isInnerList, parseDictionary, type Dictionary } from 'structured-headers';
import { linesOf, token, type Fields } from './fields.js';

/** The directives of a message. No directive is granted that is not written as its grammar says. */
export interface Directives {
  /** True if a part of the field is not written as RFC 9111 section 5.2 says: then nothing in it is granted. */
  readonly isBroken: boolean;
  /** True if a directive is there, with or without an argument: for those that restrict. */
  restricts(name: string): boolean;
  /** True if a directive is there without an argument: for those that permit. */
  permits(name: string): boolean;
  /**
   * The argument in seconds, at most 2^31. `invalid` if it is no whole number, if there is none, or if two of them differ.
   * `undefined` without the directive.
   */
  seconds(name: string): number | 'invalid' | undefined;
}

/** RFC 9111 section 1.2.2: greater numbers count as this one. */
const mostSeconds = 2 ** 31;

/** Characters of one field that are read; a longer field is broken. */
const longestField = 8_192;

/**
 * Reads the directives of `Cache-Control` in a request or in a response (RFC 9111 section 5.2). A name is read in any case, an argument as a
 * token or as a quoted string.
 */
export function directivesOf(fields: Fields): Directives {
  const found = new Map<string, (string | undefined)[]>();
  let isBroken = false;
  for (const line of linesOf(fields, 'cache-control')) {
    const members = line.length > longestField ? undefined : membersOf(line);
    isBroken ||= members === undefined;
    for (const [name, argument] of members ?? []) found.set(name, [...(found.get(name) ?? []), argument]);
  }
  return new ReadDirectives(found, isBroken);
}

/**
 * Reads the first of several fields that are meant for caches of one kind (RFC 9213): dictionaries of structured fields. One that is
 * empty or not written as a dictionary does not count.
 * @param targets names of fields in lower case, in the order in which they count
 * @returns `undefined` if none of them counts: `Cache-Control` does then
 */
export function targetedDirectivesOf(fields: Fields, targets: readonly string[]): Directives | undefined {
  for (const target of targets) {
    const text = linesOf(fields, target).join(', ');
    const dictionary = text.length > longestField ? undefined : dictionaryOf(text);
    if (dictionary === undefined || dictionary.size === 0) continue;
    const found = [...dictionary].map(([name, item]) => {
      const [value] = item;
      // A boolean stands for a directive without argument; `?0` for a directive that is not there.
      const written = isInnerList(item) ? '' : value === true ? undefined : typeof value === 'number' ? `${value}` : '';
      return [name, value === false ? [] : [written]] as const;
    });
    return new ReadDirectives(new Map(found), false);
  }
  return undefined;
}

function dictionaryOf(text: string): Dictionary | undefined {
  try {
    return parseDictionary(text);
  } catch {
    return undefined;
  }
}

class ReadDirectives implements Directives {
  readonly isBroken: boolean;
  readonly #found: ReadonlyMap<string, readonly (string | undefined)[]>;

  constructor(found: ReadonlyMap<string, readonly (string | undefined)[]>, isBroken: boolean) {
    this.#found = found;
    this.isBroken = isBroken;
  }

  restricts(name: string): boolean {
    return this.#argumentsOf(name).length > 0;
  }

  permits(name: string): boolean {
    const found = this.#argumentsOf(name);
    return !this.isBroken && found.length > 0 && found.every((argument) => argument === undefined);
  }

  seconds(name: string): number | 'invalid' | undefined {
    const found = this.#argumentsOf(name);
    if (found.length === 0) return undefined;
    const numbers = new Set(found.map((argument = '') => (/^\d+$/.test(argument) ? Number(argument) : Number.NaN)));
    const [only = Number.NaN] = numbers;
    return this.isBroken || numbers.size > 1 || Number.isNaN(only) ? 'invalid' : Math.min(only, mostSeconds);
  }

  #argumentsOf(name: string): readonly (string | undefined)[] {
    return this.#found.get(name) ?? [];
  }
}

/** One member of a list at the place where it begins: a name, and an argument as it is written. */
const member = /[\t ]*(?:([^\s,="]+)(?:=("(?:[^"\\]|\\[^])*"|[^\s,="]+))?[\t ]*)?(?:,|$)/y;

/** @returns `undefined` for a line that is no list of directives */
function membersOf(line: string): readonly (readonly [string, string | undefined])[] | undefined {
  const members: (readonly [string, string | undefined])[] = [];
  member.lastIndex = 0;
  while (member.lastIndex < line.length) {
    const found = member.exec(line);
    if (found === null) return undefined;
    const [, name, argument] = found;
    if (name === undefined) continue;
    const value = argument?.startsWith('"') === true ? argument.slice(1, -1).replaceAll(/\\([^])/g, '$1') : argument;
    if (!token.test(name) || (value === argument && value !== undefined && !token.test(value))) return undefined;
    members.push([name.toLowerCase(), value]);
  }
  return members;
}

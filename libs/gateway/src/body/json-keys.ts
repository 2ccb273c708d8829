/** A key that must not stand where it does. */
export interface BadKey {
  /** The keys and indexes that lead to it, itself among them. */
  readonly path: readonly (string | number)[];
  readonly mistake: string;
}

interface Open {
  /** Of an object: the keys that it has had so far. */
  readonly keys: KeysSeen | undefined;
  /** Of an object the key, of a list the index of the value in hand. */
  at: string | number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * The first key of a JSON text that stands twice in its object (which of the two counts is different in every service behind), or that
 * leads to the prototype of every object (RELIABILITY A14, A15).
 * @param text JSON that parses
 */
export function findBadKey(text: string): BadKey | undefined {
  const open: Open[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const within = open.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push({ keys: new KeysSeen(), at: '' });
        expectsKey = true;
        break;
      case 0x5b: // [
        open.push({ keys: undefined, at: 0 });
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        expectsKey = false;
        break;
      case 0x2c: // ,
        if (typeof within?.at === 'number') within.at++;
        else expectsKey = true;
        break;
      case quote: {
        const end = endOfString(text, at);
        if (expectsKey && within?.keys !== undefined) {
          expectsKey = false;
          within.at = keyOf(text, at, end);
          const mistake = mistakeOf(within.at, within.keys, open.at(-2)?.at);
          if (mistake !== undefined) return { path: open.map((each) => each.at), mistake };
        }
        at = end;
      }
    }
  }
  return undefined;
}

/** Most objects have few keys, and a list of them is looked through faster than a set is made. */
class KeysSeen {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** True if it is one more. */
  add(key: string): boolean {
    if (this.#many !== undefined) {
      const { size } = this.#many;
      return this.#many.add(key).size > size;
    }
    if (this.#few.includes(key)) return false;
    this.#few.push(key);
    if (this.#few.length > 8) this.#many = new Set(this.#few);
    return true;
  }
}

function mistakeOf(key: string, keys: KeysSeen, above: string | number | undefined): string | undefined {
  if (!keys.add(key)) return 'The member stands twice in its object.';
  return key === '__proto__' || (key === 'prototype' && above === 'constructor')
    ? 'A member of this name is not taken.'
    : undefined;
}

/** The place of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, place: number): boolean {
  let at = place;
  while (text.charCodeAt(at - 1) === backslash) at--;
  return (place - at) % 2 === 1;
}

function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? String(JSON.parse(text.slice(start, end + 1))) : raw;
}

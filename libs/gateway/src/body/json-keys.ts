/** A key that must not stand where it does. */
export interface BadKey {
  /** The keys and indexes that lead to it, itself among them. */
  readonly path: readonly (string | number)[];
  readonly complaint: string;
}

interface Open {
  /** Of an object: the keys that it has had so far. */
  readonly keys: Set<string> | undefined;
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
        open.push({ keys: new Set(), at: '' });
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
          const complaint = complaintOf(within.at, within.keys, open.at(-2)?.at);
          if (complaint !== undefined) return { path: open.map((each) => each.at), complaint };
          within.keys.add(within.at);
        }
        at = end;
      }
    }
  }
  return undefined;
}

function complaintOf(key: string, known: ReadonlySet<string>, above: string | number | undefined): string | undefined {
  if (known.has(key)) return 'The member stands twice in its object.';
  return key === '__proto__' || (key === 'prototype' && above === 'constructor')
    ? 'A member of this name is not taken.'
    : undefined;
}

/** The place of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(at)) at += code === backslash ? 2 : 1;
  return at;
}

function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? String(JSON.parse(text.slice(start, end + 1))) : raw;
}

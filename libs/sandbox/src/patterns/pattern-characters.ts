const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const plain = lower + digits;

/** Characters that are tried for a set, by kind; letters and digits of ASCII first, since every server takes them. */
const groups: readonly (readonly string[])[] = [
  lower,
  lower.toUpperCase(),
  digits,
  ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  'éüñßøÅÇ€§·–“',
  'αβγΔ',
  'жюЯ',
  'אבع',
  'कख',
  'あア中文한',
  '😀\t\n\r\u00a0\u0000\u001e\u007f',
].map((group) => Array.from(group));

const asciiGroups = 4;

/** Lower case and digits where these are taken; a character of every kind of ASCII, for patterns that want one of each; of every kind. */
export type Breadth = 'usual' | 'ascii' | 'all';

/** The characters that one place of a pattern takes: one list per kind of character. */
export type CharacterChoice = Readonly<Record<Breadth, readonly (readonly string[])[]>>;

/** @param source one character, set or class of a regular expression, as it is written */
export function charactersOf(source: string, flags: string): CharacterChoice {
  const accepts = new RegExp(`^(?:${source})$`, flags);
  const taken = groups.map((group) => group.filter((one) => accepts.test(one)));
  const present = (kinds: readonly (readonly string[])[]): readonly (readonly string[])[] =>
    kinds.filter((kind) => kind.length > 0);
  const all = present([...taken, ...(taken.every((group) => group.length === 0) ? [searched(accepts)] : [])]);
  const ascii = present(taken.slice(0, asciiGroups));
  const usual = present([Array.from(plain).filter((one) => accepts.test(one))]);
  const orElse = (kinds: typeof all, others: typeof all): typeof all => (kinds.length > 0 ? kinds : others);
  return { usual: orElse(usual, orElse(ascii, all).slice(0, 1)), ascii: orElse(ascii, all), all };
}

/** The first few characters of the basic plane that are accepted; an expression may name a script that `groups` does not have. */
function searched(accepts: RegExp): readonly string[] {
  const found: string[] = [];
  for (let code = 0; code < 0x1_0000 && found.length < 20; code += 1) {
    const isSurrogate = code >= 0xd800 && code < 0xe000;
    const one = String.fromCodePoint(code);
    if (!isSurrogate && accepts.test(one)) found.push(one);
  }
  return found;
}

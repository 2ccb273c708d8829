/** A member of a JSON object, as it stands in the text. */
export interface Member {
  /** With its quotes. */
  readonly name: string;
  readonly value: string;
}

const bracket = /["[\]{}]/g;
const scalarEnd = /[,}\s]/g;
const space = /[ \t\n\r]*/y;

/**
 * The members of an object, without reading what is in them.
 * @param text valid JSON
 * @returns undefined for a text that is no object
 */
export function membersOf(text: string): readonly Member[] | undefined {
  let at = afterSpace(text, 0);
  if (text[at] !== '{') return undefined;
  const members: Member[] = [];
  at = afterSpace(text, at + 1);
  while (text[at] === '"') {
    const nameEnd = endOfText(text, at);
    const valueStart = afterSpace(text, afterSpace(text, nameEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ name: text.slice(at, nameEnd), value: text.slice(valueStart, valueEnd) });
    at = afterSpace(text, valueEnd);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return members;
}

function afterSpace(text: string, from: number): number {
  space.lastIndex = from;
  space.test(text);
  return space.lastIndex;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfText(text, from);
  if (first !== '{' && first !== '[') {
    scalarEnd.lastIndex = from;
    return scalarEnd.exec(text)?.index ?? text.length;
  }
  let depth = 0;
  bracket.lastIndex = from;
  for (let found = bracket.exec(text); found !== null; found = bracket.exec(text)) {
    const [letter] = found;
    if (letter === '"') bracket.lastIndex = endOfText(text, found.index);
    else if (letter === '{' || letter === '[') depth++;
    else if (--depth === 0) return bracket.lastIndex;
  }
  return text.length;
}

/** @param from of the quote that opens it */
function endOfText(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

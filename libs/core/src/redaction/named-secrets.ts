import { isPlainWord, secretNamed, type NamePlace } from './secret-names.js';

export const REDACTED = '[redacted]';

/** A name, what may close it (`"`, `\"`, `]`, `%22`), and what leads to its value. */
const named =
  /(?<![\w$])([\w$][\w$.%-]{0,99}?)((?:\]|%5D)?(?:\\{0,7}["'`]|%22|%27)?[ \t]{0,4}(?::=|=>|[:=]|%3A|%3D|,(?=[ \t]{0,4}\\{0,7}["'`])|>(?=[^<>]{1,2000}<\/))[ \t]{0,4})/gi;
/** `--password hunter2` */
const option = /(?<![\w-])(--?[A-Za-z][\w-]{0,60})([ \t]{1,4})(?=[^\s-])/g;
/** The end of a value without quotes, if a name follows. */
const nextName = /^[ \t]{0,4}[\w$.-]{1,64}[ \t]?(?:[=:]|%3D)/;

/** Removes the values of all names that mark a secret, in every spelling of names and values. */
export function withoutNamedSecrets(text: string): string {
  return replaced(replaced(text, named), option);
}

function replaced(text: string, pattern: RegExp): string {
  let result = '';
  let done = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, name = '', lead = ''] = match;
    const kind = secretNamed(name, placeOf(text[match.index - 1], lead));
    const start = match.index + whole.length;
    const end = kind === undefined ? start : endOfValue(text, start, { kind, lead, nameAt: match.index });
    // Behind a name that says nothing, another one can begin: `url=password=x`.
    pattern.lastIndex = Math.max(end, match.index + 1);
    if (end <= start) continue;
    const quote = /^\\*["'`]/.exec(text.slice(start, start + 8))?.[0] ?? '';
    const isClosed = quote !== '' && end - start > quote.length && text.slice(start, end).endsWith(quote);
    result += `${text.slice(done, start)}${quote}${REDACTED}${isClosed ? quote : ''}`;
    done = end;
  }
  return result + text.slice(done);
}

/** Behind the name: a quote that closes it, a bracket, or an equals sign make it a member of data. */
function placeOf(before: string | undefined, lead: string): NamePlace {
  if (before === '?' || before === '&') return 'query';
  return /^[ \t]*:[ \t]*$/.test(lead) ? 'sentence' : 'member';
}

const fileName = /\.(?:[cm]?[jt]sx?|json|ya?ml|env|html?|py|go|java|rb|rs):$/i;

interface Place {
  readonly kind: 'line' | 'value';
  readonly lead: string;
  readonly nameAt: number;
}

/** The end of the secret that begins at `start`; `start` if there is none. */
function endOfValue(text: string, start: number, { kind, lead, nameAt }: Place): number {
  const quote = /^(\\*)(["'`])/.exec(text.slice(start, start + 8));
  if (quote !== null) return endOfQuoted(text, start, quote[1]?.length ?? 0, quote[2] ?? '"');
  if (text.startsWith('%22', start)) return endAt(text, text.indexOf('%22', start + 3), 3);
  if (text.startsWith(REDACTED, start)) return start;
  if (text[start] === '{' || text[start] === '[') return endOfBracket(text, start);
  if (kind === 'line') return endOfLine(text, start);
  if (lead.includes('>') && !lead.includes('=>')) return endAt(text, text.indexOf('<', start), 0);
  const end = endOfWord(text, start);
  const word = text.slice(start, end);
  if (/^[|>][+-]?$/.test(word)) return endOfLine(text, endOfLine(text, start) + 1); // a block of YAML
  if (isPlainWord(word) || /^\d{1,3}$/.test(word)) return start;
  // `secret-store.ts:12:3`: a place in a file.
  if (lead === ':' && fileName.test(text.slice(nameAt, start)) && /^\d{1,7}(?::\d{1,7})?\)?[.,]?$/.test(word))
    return start;
  // `password: correct horse`, by itself on a line: nothing says where it ends.
  return lead.includes(':') && isLineStart(text, nameAt) ? endOfLine(text, start) : end;
}

const endAt = (text: string, at: number, length: number): number => (at < 0 ? text.length : at + length);

/** The quote that as many backslashes stand before as before the first one, or fewer: JSON in JSON has more of them inside. */
function endOfQuoted(text: string, start: number, depth: number, quote: string): number {
  for (let at = text.indexOf(quote, start + depth + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (depth === 0 ? slashes % 2 === 0 : slashes <= depth) return at + 1;
  }
  return text.length;
}

function endOfBracket(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (letter === '{' || letter === '[') depth++;
    else if ((letter === '}' || letter === ']') && --depth === 0) return at + 1;
    else if (letter === '"' || letter === "'") at = endOfQuoted(text, at, 0, letter) - 1;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.slice(start).search(/[\r\n]|\\[rn]/);
  return end < 0 ? text.length : start + end;
}

function endOfWord(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const letter = text[at] ?? '';
    // A quote in the middle of a word belongs to it; one at its end closes what the whole stands in.
    if (/[\s<]/.test(letter) || (/["'`]/.test(letter) && !/\w/.test(text[at + 1] ?? ''))) return at;
    if (
      /[&;,]/.test(letter) &&
      (/^(?:\s|["'`]|$)/.test(text.slice(at + 1, at + 2)) || nextName.test(text.slice(at + 1, at + 76)))
    )
      return at;
  }
  return text.length;
}

function isLineStart(text: string, at: number): boolean {
  const line = text.slice(Math.max(text.lastIndexOf('\n', at - 1) + 1, at - 12), at);
  return /^[\s>-]*(?:export )?["']?$/.test(line);
}

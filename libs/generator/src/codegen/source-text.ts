/**
 * Any text as a string literal. All characters that could end it, hide in it or turn the direction of reading are escaped: quotes, line
 * breaks of ECMAScript (U+2028 and U+2029 among them), control and format characters, lone surrogates.
 */
export function quote(text: string): string {
  return `'${text.replaceAll(/[\\'\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, escape)}'`;
}

function escape(char: string): string {
  if (char === '\\' || char === "'") return `\\${char}`;
  if (char === '\n') return '\\n';
  return escapeCodePoint(char);
}

/** Makes control and invisible characters in generated code visible; a string literal keeps its meaning. */
export function showInvisible(text: string): string {
  return escapeInvisible(text, escapeCodePoint);
}

/** The same with the escapes of another language. */
export function escapeInvisible(text: string, escapeOf: (char: string) => string): string {
  return text.replaceAll(/[[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]--[\n\t]]/gv, escapeOf);
}

function escapeCodePoint(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const maxCommentLength = 160;

/** Any text as one line for a comment, without markup: it can neither end the comment nor be a directive for a compiler. */
export function commentText(text: string): string {
  const line = text
    .replaceAll(/<\/?[a-z][^<>]{0,200}>/gi, ' ')
    .replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ')
    .trim()
    .replaceAll('*/', '*\\/')
    // No tag of JSDoc or of a tool, and no address of a source map: both are orders, not words.
    .replaceAll(/(?<!\w)@(?=\w)/g, '(at)')
    .replaceAll(/#(?=\s*source(?:Mapping)?URL)/gi, '(sharp)');
  if (line.length <= maxCommentLength) return line;
  // Do not cut a surrogate pair.
  return `${line.slice(0, maxCommentLength - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** Plain data as an object literal: on one line where it fits, its lists one item per line where not. */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item, `${indent}  `));
    const line = `[${items.join(', ')}]`;
    return line.length + indent.length <= 100
      ? line
      : `[\n${items.map((item) => `${indent}  ${item},\n`).join('')}${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${propertyName(key)}: ${literal(member, `${indent}  `)}`,
    );
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }
  return JSON.stringify(value);
}

export function propertyName(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && name !== '__proto__' ? name : quote(name);
}

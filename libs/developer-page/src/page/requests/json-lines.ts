/** One line of a JSON value as people read it. */
export interface JsonLine {
  readonly depth: number;
  /** `total`, or the position in a list. */
  readonly name: string | undefined;
  /** `orders[0].total`; empty for the whole value. */
  readonly member: string;
  /** The text of a plain value, `{` or `[` of another one. */
  readonly text: string;
  readonly kind: 'text' | 'number' | 'word' | 'open' | 'close';
}

/** Lines that are shown of one response. */
export const maxLines = 2_000;

/** A JSON value line by line: objects and lists take a line to open and one to close. */
export function jsonLines(value: unknown): readonly JsonLine[] {
  const lines: JsonLine[] = [];
  const visit = (one: unknown, name: string | undefined, member: string, depth: number): void => {
    if (lines.length >= maxLines) return;
    const line = { depth, name, member };
    if (typeof one !== 'object' || one === null) {
      lines.push({ ...line, text: JSON.stringify(one), kind: typeof one === 'string' ? 'text' : typeof one === 'number' ? 'number' : 'word' }); // prettier-ignore
      return;
    }
    const isList = Array.isArray(one);
    const entries: readonly (readonly [string, unknown])[] = Object.entries(one);
    const [open, close] = isList ? ['[', ']'] : ['{', '}'];
    if (entries.length === 0) {
      lines.push({ ...line, text: `${open}${close}`, kind: 'word' });
      return;
    }
    lines.push({ ...line, text: open, kind: 'open' });
    for (const [key, inner] of entries) {
      const below = isList ? `${member}[${key}]` : member === '' ? key : `${member}.${key}`;
      visit(inner, key, below, depth + 1);
    }
    lines.push({ depth, name: undefined, member, text: close, kind: 'close' });
  };
  visit(value, undefined, '', 0);
  return lines;
}

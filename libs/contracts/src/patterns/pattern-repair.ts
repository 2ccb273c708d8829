/** A pattern as JSON Schema needs it, or the reason why it cannot be written so. */
export interface RepairedPattern {
  readonly pattern: string;
  readonly reason?: string;
}

/**
 * A pattern that was written for another engine, in the form that means the same in ECMA-262 with the flag `u`: without slashes around it,
 * with `^` and `$` for `\A` and `\z`, without escapes that need none. A pattern that is right stays as it is.
 */
export function repairedPattern(written: string): RepairedPattern {
  const bare = withoutSlashes(written);
  if (typeof bare === 'object') return { pattern: written, ...bare };
  if (compiles(bare, 'u')) return { pattern: bare };
  // JavaScript reads these as other characters, without an error.
  const foreign = /\[:\^?[a-z]+:\]|&&\[/.exec(bare)?.[0];
  if (foreign !== undefined) return { pattern: written, reason: `the pattern has ${foreign}, which ECMA-262 has not` };
  const repaired = new Rewriter(bare).rewritten();
  return { pattern: compiles(repaired, 'u') ? repaired : bare };
}

function compiles(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags).flags === flags;
  } catch {
    return false;
  }
}

/** A slash before `^` or behind `$` fits no text: it is the delimiter of a language that has them. */
function withoutSlashes(written: string): string | { readonly reason: string } {
  const [, inner = '', flags = ''] = /^\/(.*)\/([a-zA-Z]*)$/s.exec(written) ?? [];
  if (!inner.startsWith('^') && !/(?:^|[^\\])(?:\\\\)*\$$/.test(inner)) return written;
  // `g`, `u` and `D` change nothing about whether a text fits.
  const other = flags.replaceAll(/[guD]/g, '');
  return other === ''
    ? inner
    : {
        reason: `the pattern has the flag "${other}" behind a slash, and a pattern of JSON Schema has no flags`,
      };
}

/** Letters behind a backslash with a meaning in ECMA-262, in a class of characters and outside of one. */
const meaningful = /[dDwWsSbBfnrtv0-9cxupPk]/;
/** Characters that a backslash makes ordinary under the flag `u`. */
const syntax = /[\^$\\.*+?()[\]{}|/]/;
const wholeClass = /^\\[dDwWsSpP]/;

class Rewriter {
  readonly #text: string;
  #at = 0;
  #out = '';

  constructor(text: string) {
    this.#text = text;
  }

  rewritten(): string {
    while (this.#at < this.#text.length) this.#outside();
    return this.#out;
  }

  #outside(): void {
    const char = this.#text.charAt(this.#at);
    if (char === '\\') this.#escape(false);
    else if (char === '[') this.#class();
    else if (char === '{') this.#brace();
    else this.#copy(char === ']' || char === '}' ? `\\${char}` : char);
  }

  /** `{3,}` is a quantifier, `{name}` is text. */
  #brace(): void {
    const [quantifier] = /^\{\d+(?:,\d*)?\}/.exec(this.#text.slice(this.#at)) ?? [];
    if (quantifier === undefined) this.#copy('\\{');
    else this.#copy(quantifier, quantifier.length);
  }

  #escape(isInClass: boolean): void {
    const char = this.#text.charAt(this.#at + 1);
    if (!isInClass && char === 'A') this.#copy('^', 2);
    else if (!isInClass && (char === 'z' || char === 'Z')) this.#copy('$', 2);
    else if (isInClass && char === '-') this.#copy('\\-', 2);
    else if (/[a-zA-Z0-9]/.test(char) ? meaningful.test(char) : syntax.test(char)) this.#copy(`\\${char}`, 2);
    else if (/[a-zA-Z0-9]/.test(char) || char === '') this.#copy(`\\${char}`, 2);
    else this.#copy(char, 2);
  }

  #class(): void {
    this.#copy('[');
    if (this.#text.charAt(this.#at) === '^') this.#copy('^');
    let isFirst = true;
    let isAfterClass = false;
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== ']') {
      const rest = this.#text.slice(this.#at);
      if (rest.startsWith('\\')) {
        isAfterClass = wholeClass.test(rest);
        this.#escape(true);
      } else if (rest.startsWith('-')) {
        const isLast = rest.startsWith('-]');
        // `\w-.` is no range: the dash is text.
        this.#copy(!isFirst && !isLast && (isAfterClass || wholeClass.test(rest.slice(1))) ? '\\-' : '-');
        isAfterClass = false;
      } else {
        isAfterClass = false;
        this.#copy(rest.charAt(0));
      }
      isFirst = false;
    }
    if (this.#at < this.#text.length) this.#copy(']');
  }

  #copy(text: string, taken = 1): void {
    this.#out += text;
    this.#at += taken;
  }
}

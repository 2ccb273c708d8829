/** The members that are taken out of an object, or of the objects of a list: removed, replaced by null, or masked deeper. */
export type Mask = ReadonlyMap<string, Mask | 'remove' | 'null'>;

/**
 * Takes members out of a JSON text and copies all else as it is, so that numbers and spellings stay what they are.
 * @param text valid JSON
 * @param encoding `latin1`: each character is one byte of UTF-8
 */
export function maskedJson(text: string, mask: Mask, encoding: 'utf8' | 'latin1'): string {
  const masker = new Masker(text, encoding === 'latin1');
  masker.value(mask);
  return masker.rest();
}

const space = /[ \t\n\r]/;

class Masker {
  readonly #text: string;
  readonly #isBytes: boolean;
  #at = 0;
  /** From here on the text is not copied yet. */
  #from = 0;
  #out = '';

  constructor(text: string, isBytes: boolean) {
    this.#text = text;
    this.#isBytes = isBytes;
  }

  rest(): string {
    return this.#out + this.#text.slice(this.#from);
  }

  value(mask: Mask | undefined): void {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (mask === undefined || (first !== '{' && first !== '[')) this.#skipValue();
    else if (first === '{') this.#object(mask);
    else this.#list(mask);
  }

  #object(mask: Mask): void {
    this.#at++;
    this.#copy();
    let count = 0;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#skipSpace();
      }
      this.#from = this.#at;
      if (this.#text[this.#at] === '}') {
        this.#at++;
        return;
      }
      const name = this.#name();
      this.#skipSpace();
      // The colon.
      this.#at++;
      const how = mask.get(name);
      if (how === 'remove') {
        this.#skipValue();
        continue;
      }
      if (count++ > 0) this.#out += ',';
      if (how === 'null') {
        this.#copy();
        this.#out += 'null';
        this.#skipValue();
      } else {
        this.value(how);
        this.#copy();
      }
    }
  }

  #list(mask: Mask): void {
    this.#at++;
    for (;;) {
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next === ']' || next === ',') this.#at++;
      if (next === ']') return;
      if (next !== ',') this.value(mask);
    }
  }

  #name(): string {
    const start = this.#at;
    this.#skipText();
    const quoted = this.#text.slice(start, this.#at);
    const written = this.#isBytes ? Buffer.from(quoted, 'latin1').toString() : quoted;
    // A name may be spelled with escapes where a service wrote it.
    return written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
  }

  /** A value as a whole; what is within it is not looked at, but for texts, which may hold brackets. */
  #skipValue(): void {
    this.#skipSpace();
    let depth = 0;
    do {
      const next = this.#text[this.#at];
      if (next === '"') this.#skipText();
      else if (next === '{' || next === '[') {
        depth++;
        this.#at++;
      } else if (next === '}' || next === ']') {
        depth--;
        this.#at++;
      } else if (depth > 0) this.#at++;
      else this.#skipScalar();
    } while (depth > 0 && this.#at < this.#text.length);
  }

  #skipScalar(): void {
    while (this.#at < this.#text.length && !/[,\]}\s]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #skipText(): void {
    this.#at++;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at++;
  }

  #skipSpace(): void {
    while (space.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #copy(): void {
    this.#out += this.#text.slice(this.#from, this.#at);
    this.#from = this.#at;
  }
}

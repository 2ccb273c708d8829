/**
 * A compiled projection spec. Between texts it keeps only the order of keys, and the last bytes with their texts: neither can change a
 * result.
 */
export interface Projection {
  /**
   * Reads one JSON text and gives one text per template of the spec, `undefined` for a template that gives nothing; or `undefined` in place
   * of all, when the caller has to parse the text. Never throws for any `bytes`, and does not keep them.
   *
   * The texts are binary strings: one character per byte of UTF-8. V8 keeps them at a byte per character, joins them without copying, and
   * writes them with the encoding `latin1` unchanged: `response.end(text, 'latin1')` sends UTF-8, and `text.length` is its
   * `content-length`. A text that is joined with them has to be binary, too: `Buffer.from(text, 'utf8').toString('latin1')`. To read one as
   * text, write `Buffer.from(text, 'latin1').toString('utf8')`.
   */
  project(bytes: Uint8Array): readonly (string | undefined)[] | undefined;
}

/** Maximum bytes of one text, and of all texts that are written of it: 1 MiB. Every engine leaves a longer one to the parser. */
export const maxTextBytes = 1 << 20;

/** One character per byte of UTF-8. */
export function toBinary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

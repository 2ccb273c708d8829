/**
 * A recipe made ready. It keeps nothing of one text for the next but what cannot change an answer: the order in which keys stood, and the
 * last bytes with the texts made of them.
 */
export interface Projection {
  /**
   * Reads one JSON text and gives one text per template of the recipe, `undefined` for those that give nothing; or `undefined` in place
   * of all: declined, read the text another way. Never throws for what stands in `bytes`, and does not keep them.
   *
   * The texts are binary strings: one character per byte of UTF-8. V8 keeps them at a byte per character, joins them without copying, and
   * writes them with the encoding `latin1` as they are: `response.end(text, 'latin1')` sends UTF-8, and `text.length` is its
   * `content-length`. What is joined with them has to be binary, too: `Buffer.from(text, 'utf8').toString('latin1')`. Reading one as text is
   * `Buffer.from(text, 'latin1').toString('utf8')`.
   */
  project(bytes: Uint8Array): readonly (string | undefined)[] | undefined;
}

/** Bytes of one text, and of all that is written of it: beyond, every engine declines. 1 MiB. */
export const maxTextBytes = 1 << 20;

/** One character per byte of UTF-8. */
export function toBinary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

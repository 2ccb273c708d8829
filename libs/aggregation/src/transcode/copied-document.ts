import type { Projection } from '@frontage/transcoder';

/** The answer of an upstream as the texts that a screen copies of it, made when it arrived. */
export class CopiedDocument {
  /** One per template of the part's recipe, as binary strings; undefined where it gives nothing. */
  readonly texts: readonly (string | undefined)[];
  readonly #bytes: Buffer;

  constructor(texts: readonly (string | undefined)[], bytes: Buffer) {
    this.texts = texts;
    this.#bytes = bytes;
  }

  /** What one of the texts says. */
  value(text: number): unknown {
    const binary = this.texts[text];
    if (binary === undefined) return undefined;
    return JSON.parse(hasBytesAboveAscii.test(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary);
  }

  /** The whole of it, for the reference engine: known to be JSON, with no number that a double cannot hold. */
  parse(): unknown {
    return JSON.parse(this.#bytes.toString('utf8'));
  }
}

const hasBytesAboveAscii = /[\u0080-\u00ff]/;

/** Reads the bodies of one call; undefined: it declines. */
export const readerOf =
  (projection: Projection) =>
  (bytes: Buffer): CopiedDocument | undefined => {
    const texts = projection.project(bytes);
    return texts && new CopiedDocument(texts, bytes);
  };

/** Values as the reference engine takes them: every document is replaced by what `valueOf` says of it. */
export function plainValues(
  values: readonly unknown[],
  valueOf: (document: CopiedDocument, position: number) => unknown = (document) => document.parse(),
): readonly unknown[] {
  return values.map((value, position) => {
    if (value instanceof CopiedDocument) return valueOf(value, position);
    if (typeof value === 'object' && value !== null && 'ok' in value && 'value' in value) {
      const { value: document } = value;
      return document instanceof CopiedDocument ? { ok: true, value: valueOf(document, position) } : value;
    }
    return value;
  });
}

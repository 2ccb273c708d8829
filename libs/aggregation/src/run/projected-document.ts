import type { BodyReader } from '@frontage/context';
import { maybeHasInexactNumber, parseWithStandIns, unreadablePayload } from '@frontage/core';
import type { Projection } from '@frontage/transcoder';

const unread = Symbol('unread');
const hasBytesAboveAscii = /[\u0080-\u00ff]/;

/** The answer of an upstream as the texts that a screen copies of it, made when it arrived. */
export class ProjectedDocument {
  /** One per template of the part's recipe, as binary strings; undefined where it gives nothing. */
  readonly texts: readonly (string | undefined)[];
  readonly #bytes: Buffer;
  readonly #valueText: number | undefined;
  #value: unknown = unread;

  /** @param valueText which of the texts holds what plan and computed members look at */
  constructor(texts: readonly (string | undefined)[], bytes: Buffer, valueText: number | undefined) {
    this.texts = texts;
    this.#bytes = bytes;
    this.#valueText = valueText;
  }

  /** What plan and computed members look at, and nothing else; parsed when first asked for. */
  get value(): unknown {
    if (this.#value === unread) {
      const binary = this.#valueText === undefined ? undefined : this.texts[this.#valueText];
      this.#value = binary === undefined ? undefined : JSON.parse(toText(binary));
    }
    return this.#value;
  }

  /** The whole of it, for the reference engine: known to be JSON. What nothing of the screen reads may be any number. */
  parse(): unknown {
    const text = this.#bytes.toString('utf8');
    return maybeHasInexactNumber(this.#bytes) ? parseWithStandIns(text, unreadablePayload).value : JSON.parse(text);
  }
}

const toText = (binary: string): string =>
  hasBytesAboveAscii.test(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;

/** `null` as the whole body has nothing to copy: whoever runs the plan judges it. */
function isNull(bytes: Buffer): boolean {
  if (bytes.length > 64) return false;
  return bytes.toString('latin1').trim() === 'null';
}

/** Reads the bodies of one call; undefined: it declines. */
export const readerOf =
  (projection: Projection, valueText: number | undefined): BodyReader =>
  (bytes) => {
    const texts = isNull(bytes) ? undefined : projection.project(bytes);
    return texts && new ProjectedDocument(texts, bytes, valueText);
  };

/** What a node of the plan sees of a value. */
export const valueIn = (value: unknown): unknown => (value instanceof ProjectedDocument ? value.value : value);

/** Values with every document replaced by what `valueOf` says of it. */
export function plainValues(
  values: readonly unknown[],
  valueOf: (document: ProjectedDocument) => unknown,
): readonly unknown[] {
  const plain = (value: unknown): unknown => {
    if (value instanceof ProjectedDocument) return valueOf(value);
    if (!isPartWithDocument(value)) return value;
    return { ok: true, value: valueOf(value.value) };
  };
  return values.map((value) => {
    const items = itemsIn(value);
    if (items === undefined || !items.some(holdsDocument)) return plain(value);
    const made = items.map(plain);
    return Array.isArray(value) ? made : { ok: true, value: made };
  });
}

const holdsDocument = (value: unknown): boolean => value instanceof ProjectedDocument || isPartWithDocument(value);

function isPartWithDocument(value: unknown): value is { readonly value: ProjectedDocument } {
  return typeof value === 'object' && value !== null && 'value' in value && value.value instanceof ProjectedDocument;
}

/** The items of an `each`, be it a part that may be missing or not. */
function itemsIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null || !('value' in value)) return undefined;
  return Array.isArray(value.value) ? value.value : undefined;
}

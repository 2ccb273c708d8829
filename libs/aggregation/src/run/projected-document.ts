import type { BodyReader } from '@frontage/context';
import { maybeHasInexactNumber, parseWithPlaceholders, share, unreadablePayload } from '@frontage/core';
import type { Projection } from '@frontage/transcoder';

const unread = Symbol('unread');
const hasBytesAboveAscii = /[\u0080-\u00ff]/;

/** The projected response of an upstream: the texts that a view needs of it, made when it arrived. */
export class ProjectedDocument {
  /** One per template of the projection spec, as binary strings; undefined where the template gives nothing. */
  readonly texts: readonly (string | undefined)[];
  readonly #bytes: Buffer;
  readonly #valueText: number | undefined;
  #value: unknown = unread;

  /** @param valueText index of the text that holds the members for the plan and for computed members */
  constructor(texts: readonly (string | undefined)[], bytes: Buffer, valueText: number | undefined) {
    this.texts = texts;
    this.#bytes = bytes;
    this.#valueText = valueText;
  }

  /** The members that the plan and computed members read, and no others. Parsed at first use. */
  get value(): unknown {
    if (this.#value === unread) {
      const binary = this.#valueText === undefined ? undefined : this.texts[this.#valueText];
      const value: unknown = binary === undefined ? undefined : JSON.parse(toText(binary));
      // A frozen document is one that requests share.
      this.#value = Object.isFrozen(this) ? share(value) : value;
    }
    return this.#value;
  }

  /**
   * The whole response, for the reference engine. It is known to be JSON. A member that the screen does not read may be a number of any
   * size.
   */
  parse(): unknown {
    const text = this.#bytes.toString('utf8');
    return maybeHasInexactNumber(this.#bytes) ? parseWithPlaceholders(text, unreadablePayload).value : JSON.parse(text);
  }
}

const toText = (binary: string): string =>
  hasBytesAboveAscii.test(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;

/** A body that is `null` as a whole has nothing to project: the classification of outcomes decides about it. */
function isNull(bytes: Buffer): boolean {
  if (bytes.length > 64) return false;
  return bytes.toString('latin1').trim() === 'null';
}

/** Reads the bodies of one call. Undefined: the body falls back to parsing. */
export const readerOf =
  (projection: Projection, valueText: number | undefined): BodyReader =>
  (bytes) => {
    const texts = isNull(bytes) ? undefined : projection.project(bytes);
    return texts && new ProjectedDocument(texts, bytes, valueText);
  };

/** A value as a node of the plan sees it. */
export const valueIn = (value: unknown): unknown => (value instanceof ProjectedDocument ? value.value : value);

/** The values, with every document replaced by the result of `valueOf`. */
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

/** The items of an `each`, whether or not the part itself may be missing. */
function itemsIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null || !('value' in value)) return undefined;
  return Array.isArray(value.value) ? value.value : undefined;
}

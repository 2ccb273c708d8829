import { hash } from 'node:crypto';
import type { Finished } from '../run/plan-result.js';
import { ProjectedDocument } from '../run/projected-document.js';

/** Values that never change, as long as they live: a cached response is written out once. */
const known = new WeakMap<object, string>();

/** Objects within objects; a value that goes deeper has no digest. */
const maxDepth = 200;
/** A frozen object this deep or less is kept in mind: the items of a list in a part. */
const maxKnownDepth = 3;

const sha256 = (text: string): string => hash('sha256', text, 'base64url');

/**
 * A digest of everything that a view can show of one run: the values of the parts, as far as the view reads them, the headers of responses, and
 * the input. Equal digests mean equal responses of one screen.
 * @returns undefined where a value has no text that says all of it, such as an instance of a class that a step made
 */
export function resultDigest({ values, headers }: Finished, input: unknown): string | undefined {
  const writer = new Writer();
  const isWhole = writer.put(values, 0) && writer.put(headers, 0) && writer.put(input, 0);
  return isWhole ? sha256(writer.text) : undefined;
}

/** Writes values so that two of them have one text only where they are equal. */
class Writer {
  text = '';
  /** Nothing of what was written can change. */
  isFrozen = true;

  /** @returns false for a value that cannot be written */
  put(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        this.text += `s${value.length}:${value}`;
        return true;
      case 'number':
      case 'boolean':
      case 'undefined':
        this.text += `${String(value)};`;
        return true;
      case 'bigint':
        this.text += `b${value};`;
        return true;
      case 'object':
        return value === null ? this.#add('null;') : this.#object(value, depth);
      default:
        return false;
    }
  }

  #object(value: object, depth: number): boolean {
    const digest = known.get(value);
    if (digest !== undefined) return this.#add(`h${digest}`);
    if (depth > maxDepth) return false;
    if (value instanceof ProjectedDocument) return this.#document(value);
    if (depth > maxKnownDepth || !Object.isFrozen(value)) return this.#members(value, depth);
    const own = new Writer();
    if (!own.#members(value, depth)) return false;
    if (!own.isFrozen) {
      this.isFrozen = false;
      return this.#add(own.text);
    }
    const made = sha256(own.text);
    known.set(value, made);
    return this.#add(`h${made}`);
  }

  /** A view reads nothing of a projected response but its texts. */
  #document(document: ProjectedDocument): boolean {
    const made = sha256(document.texts.map((text) => (text === undefined ? '-' : `${text.length}:${text}`)).join(''));
    known.set(document, made);
    return this.#add(`h${made}`);
  }

  #members(value: object, depth: number): boolean {
    this.isFrozen &&= Object.isFrozen(value);
    if (Array.isArray(value)) {
      this.text += `[${value.length}:`;
      return value.every((item) => this.put(item, depth + 1));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      const members = Object.entries(value);
      this.text += `{${members.length}:`;
      return members.every(([name, member]) => this.put(name, depth) && this.put(member, depth + 1));
    }
    // A frozen one of these can be changed all the same.
    this.isFrozen = false;
    if (value instanceof Date) return this.#add(`d${value.getTime()};`);
    if (value instanceof Map) {
      this.text += `m${value.size}:`;
      return [...value].every(([key, member]) => this.put(key, depth + 1) && this.put(member, depth + 1));
    }
    if (value instanceof Uint8Array) return this.#add(`x${hash('sha256', value, 'base64url')}`);
    return false;
  }

  #add(text: string): true {
    this.text += text;
    return true;
  }
}

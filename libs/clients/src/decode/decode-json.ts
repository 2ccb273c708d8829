import { isAscii, isUtf8 } from 'node:buffer';
import type { KeptReader } from '@frontage/caching';
import type { BodyReader } from '@frontage/context';
import {
  isTooDeep,
  maxJsonDepth,
  maybeHasInexactNumber,
  parseExactly,
  parseWithPlaceholders,
  unreadablePayload,
  type InPlaceOf,
} from '@frontage/core';
import { badPayload } from '../failures/failures.js';
import type { BigNumbers } from '../policy/upstream.options.js';

export interface Body {
  readonly ok: true;
  readonly value: unknown;
  /** Only where `value` holds an `InexactNumber`: the same with the nearest doubles instead, for validators. */
  readonly rounded?: unknown;
}

/**
 * The handling of numbers that a double cannot hold: the two of policy, and `judge_when_read`, which is `reject` for a caller that finds out
 * by itself which of them it reads: it gets `InexactNumber` in their place.
 */
export type NumberRule = BigNumbers | 'judge_when_read';

/** The reader of the bodies that one caller gets out of a cache: it projects them, and parses those that it cannot project. */
export function keptReader(rule: NumberRule, readBody: BodyReader | undefined): KeptReader {
  const parse = jsonReader(rule);
  return {
    read(bytes) {
      const value = readBody?.(bytes);
      const body = value === undefined ? parse(bytes) : { ok: true as const, value };
      // Another reader took it for a success: this one reads more of it.
      return typeof body === 'string' ? badPayload(body, 200) : { ok: true, value: body.value };
    },
  };
}

/** Reads one JSON text: its value, or a sentence about what is wrong with it. */
export function jsonReader(rule: NumberRule): (bytes: Buffer) => Body | string {
  return (bytes) => {
    // Asked first, because decoding replaces what is no UTF-8 in silence. Most responses are ASCII, which needs no decoding.
    const plain = isAscii(bytes);
    if (!plain && !isUtf8(bytes)) return 'is not UTF-8';
    if (isTooDeep(bytes)) return `exceeds the depth of ${maxJsonDepth} objects and lists within each other`;
    const text = bytes.toString(plain ? 'latin1' : 'utf8');
    try {
      return maybeHasInexactNumber(bytes) ? readExactly(text, rule) : { ok: true, value: JSON.parse(text) };
    } catch {
      // A byte order mark comes here too: RFC 8259 section 8.1 has none sent.
      return bytes.length === 0 ? 'is empty' : 'is not JSON';
    }
  };
}

function readExactly(text: string, rule: NumberRule): Body | string {
  if (rule === 'judge_when_read') {
    const { value, found } = parseWithPlaceholders(text, unreadablePayload);
    return found ? { ok: true, value, rounded: parseExactly(text, nearestFinite).value } : { ok: true, value };
  }
  let mistake = '';
  const { value, found } = parseExactly(text, (source, rounded) => {
    mistake = mistakeOf(source, rounded);
    return source;
  });
  return !found || rule === 'text' ? { ok: true, value } : mistake;
}

function mistakeOf(source: string, rounded: number): string {
  if (!Number.isFinite(rounded) || rounded === 0) return 'holds a number that is too large or too small for a double';
  return /^-?\d+$/.test(source)
    ? 'holds an integer beyond 2^53 - 1'
    : 'holds a decimal with more digits than a double keeps';
}

const nearestFinite: InPlaceOf = (_source, rounded) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, rounded));

import { isObject, member, memberArray, memberObject, type JsonObject } from '../document/json.js';
import { schemaView, type SchemaView } from './schema-view.js';

/** Rules differ by it: a response may promise more than before, a request may need less; only requests have `writeOnly` members. */
export type MessageKind = 'response' | 'request';

/** @param breaks the clients that the change breaks; left out where it breaks none */
export type Tell = (subject: string, what: string, breaks?: string) => void;

interface Documents {
  readonly pinned: unknown;
  readonly current: unknown;
}

/** Keywords that bound a value: from above, from below, and in other ways. */
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const exact = ['pattern', 'multipleOf', 'uniqueItems', 'contentEncoding', 'contentMediaType'];
const compared =
  '$ref type enum const format properties required additionalProperties items allOf anyOf oneOf discriminator';
/** These promise nothing. */
const words = 'title description default example examples deprecated readOnly writeOnly $comment externalDocs xml';
const handled = new Set([...compared.split(' '), ...words.split(' '), ...upper, ...lower, ...exact]);

/** Compares the schemas of one subject in two documents, down to their leaves. */
export class SchemaComparison {
  readonly #documents: Documents;
  readonly #direction: MessageKind;
  readonly #tell: Tell;
  /** Pairs of references that are being compared: a schema may hold itself. */
  readonly #open = new Set<string>();

  constructor(documents: Documents, direction: MessageKind, tell: Tell) {
    this.#documents = documents;
    this.#direction = direction;
    this.#tell = tell;
  }

  compare(before: unknown, after: unknown, subject: string): void {
    const pair = `${String(member(before, '$ref'))} ${String(member(after, '$ref'))}`;
    const isReference = pair !== 'undefined undefined';
    if (isReference && this.#open.has(pair)) return;
    this.#open.add(pair);
    const [was, is] = [schemaView(before, this.#documents.pinned), schemaView(after, this.#documents.current)];
    this.#nullability(was, is, subject);
    const [first, ...more] = was.variants;
    const [now, ...others] = is.variants;
    if (first !== undefined && now !== undefined && more.length === 0 && others.length === 0)
      this.#one(first, now, subject);
    else this.#variants(was.variants, is.variants, subject);
    if (isReference) this.#open.delete(pair);
  }

  /** Reports a value that is newly allowed: it breaks clients that read. */
  #wider(subject: string, what: string): void {
    this.#tell(at(subject), what, this.#direction === 'response' ? 'clients that read it' : undefined);
  }

  /** Reports a value that is no longer allowed: it breaks clients that send. */
  #narrower(subject: string, what: string): void {
    this.#tell(at(subject), what, this.#direction === 'request' ? 'clients that send it' : undefined);
  }

  #changed(subject: string, what: string): void {
    this.#tell(at(subject), what, this.#direction === 'request' ? 'clients that send it' : 'clients that read it');
  }

  #nullability(was: SchemaView, is: SchemaView, subject: string): void {
    if (!was.nullable && is.nullable) this.#wider(subject, 'may be null now');
    if (was.nullable && !is.nullable) this.#narrower(subject, 'is never null now');
  }

  /** Compares each alternative with the one that is most like it. */
  #variants(before: readonly JsonObject[], after: readonly JsonObject[], subject: string): void {
    const left = [...after];
    const unmatched = before.filter((variant) => {
      const index = left.findIndex((other) => identity(other) === identity(variant));
      const same = index < 0 ? undefined : left[index];
      if (same === undefined) return true;
      left.splice(index, 1);
      this.#one(variant, same, subject);
      return false;
    });
    for (const variant of unmatched) this.#narrower(subject, `is no longer ${identity(variant)}`);
    for (const variant of left) this.#wider(subject, `may be ${identity(variant)} now`);
  }

  #one(was: JsonObject, is: JsonObject, subject: string): void {
    if (!this.#types(was, is, subject)) return;
    this.#values(was, is, subject);
    if (was['format'] !== is['format']) {
      const [old, now] = [String(was['format']), String(is['format'])];
      if (is['format'] === undefined) this.#wider(subject, `has no longer the format ${old}`);
      else if (was['format'] === undefined) this.#narrower(subject, `has the format ${now} now`);
      else this.#changed(subject, `has the format ${now} instead of ${old}`);
    }
    this.#bounds(was, is, subject);
    this.#members(was, is, subject);
    this.#openness(was, is, subject);
    if ('items' in was || 'items' in is) this.compare(was['items'] ?? true, is['items'] ?? true, `${subject}[]`);
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (!handled.has(key) && !key.startsWith('x-') && JSON.stringify(was[key]) !== JSON.stringify(is[key]))
        this.#changed(subject, `has another "${key}"`);
    }
  }

  /** @returns whether the two schemas share a type, so that comparing further makes sense */
  #types(was: JsonObject, is: JsonObject, subject: string): boolean {
    const [old, now] = [typesOf(was), typesOf(is)];
    if (old === undefined && now === undefined) return true;
    if (now === undefined) this.#wider(subject, 'may be of any type now');
    else if (old === undefined) this.#narrower(subject, `is ${now.join(' or ')} now`);
    else {
      const added = now.filter((type) => !covers(old, type));
      const removed = old.filter((type) => !covers(now, type));
      if (removed.length === old.length && added.length === now.length) {
        this.#changed(subject, `is ${now.join(' or ')} instead of ${old.join(' or ')}`);
        return false;
      }
      if (added.length > 0) this.#wider(subject, `may be ${added.join(' or ')} now`);
      if (removed.length > 0) this.#narrower(subject, `is no longer ${removed.join(' or ')}`);
    }
    return true;
  }

  #values(was: JsonObject, is: JsonObject, subject: string): void {
    const [old, now] = [valuesOf(was), valuesOf(is)];
    if (old === undefined && now === undefined) return;
    if (now === undefined) return this.#wider(subject, 'may have any value now');
    if (old === undefined) return this.#narrower(subject, `is one of ${now.join(', ')} now`);
    const added = now.filter((value) => !old.includes(value));
    const removed = old.filter((value) => !now.includes(value));
    // Part names are public, in problems as in `_parts`: one that is new is a new part, one that is gone was renamed.
    const isPart = /^\d{3} part$/.test(subject);
    if (added.length > 0 && isPart) this.#tell(subject, `may be ${added.join(' or ')} now`);
    else if (added.length > 0) this.#wider(subject, `may be ${added.join(' or ')} now`);
    if (removed.length > 0 && isPart) this.#changed(subject, `is no longer ${removed.join(' or ')}`);
    else if (removed.length > 0) this.#narrower(subject, `is no longer ${removed.join(' or ')}`);
  }

  /** A bound that moves breaks clients that send; it promises nothing to clients that read. */
  #bounds(was: JsonObject, is: JsonObject, subject: string): void {
    for (const [keys, sign] of [[upper, 1], [lower, -1]] as const) {
      for (const key of keys) {
        const [old, now] = [numberOf(was[key]), numberOf(is[key])];
        if (old === now) continue;
        const isTighter = now !== undefined && (old === undefined || (old - now) * sign > 0);
        const what = now === undefined ? `has no ${key} any more` : `has ${key} ${now}${old === undefined ? ' now' : ` instead of ${old}`}`;
        if (isTighter) this.#narrower(subject, what);
        else this.#tell(at(subject), what);
      }
    } // prettier-ignore
    for (const key of exact) {
      if (was[key] === is[key]) continue;
      if (is[key] === undefined || is[key] === false) this.#tell(at(subject), `has no ${key} any more`);
      else this.#narrower(subject, `has the ${key} ${JSON.stringify(is[key])} now`);
    }
  }

  #members(was: JsonObject, is: JsonObject, subject: string): void {
    const [old, now] = [memberObject(was, 'properties') ?? {}, memberObject(is, 'properties') ?? {}];
    const required = (schema: JsonObject, name: string): boolean => memberArray(schema, 'required').includes(name);
    for (const [name, schema] of Object.entries(old)) {
      const path = join(subject, name);
      if (!Object.hasOwn(now, name)) {
        const what = this.#direction === 'request' ? 'is no longer taken' : 'is gone';
        this.#changed(path, /(?:^|\.)_parts\.[^.]+$/.test(path) ? 'is no longer the name of a part' : what);
        continue;
      }
      const [wasRequired, isRequired] = [required(was, name), required(is, name)];
      if (wasRequired && !isRequired) this.#wider(path, 'is no longer required');
      if (!wasRequired && isRequired) {
        if (this.#direction === 'request') this.#tell(path, 'is required now', 'clients that leave it out');
        else this.#tell(path, 'is always there now');
      }
      this.compare(schema, now[name], path);
    }
    for (const name of Object.keys(now)) {
      if (Object.hasOwn(old, name)) continue;
      const isNeeded = this.#direction === 'request' && required(is, name);
      this.#tell(
        join(subject, name),
        isNeeded ? 'is new and required' : 'is new',
        isNeeded ? 'clients that leave it out' : undefined,
      );
    }
  }

  /** Compares what members without a name in the schema may be. */
  #openness(was: JsonObject, is: JsonObject, subject: string): void {
    const [old, now] = [was['additionalProperties'] ?? true, is['additionalProperties'] ?? true];
    const path = join(subject, '*');
    if (old === now) return;
    if (old === false) this.#tell(path, 'may be there now');
    else if (now === false) {
      // No client relies on a member that no document names, unless all members of a table are of one kind.
      if (isObject(old) || this.#direction === 'request') this.#changed(path, 'is gone');
    } else this.compare(old, now, path);
  }
}

/** The name of an alternative in a message: the values that tell it from others, else its name, else its type. */
function identity(schema: JsonObject): string {
  const marks = Object.entries(memberObject(schema, 'properties') ?? {}).flatMap(([name, own]) => {
    const values = isObject(own) ? valuesOf(own) : undefined;
    return values?.length === 1 ? [`${name}=${values[0]}`] : [];
  });
  if (marks.length > 0) return marks.toSorted().join();
  const { 'x-name': name, format } = schema;
  if (typeof name === 'string') return name;
  const types = (typesOf(schema) ?? ['any']).join(' or ');
  return typeof format === 'string' ? `${types} ${format}` : types;
}

function typesOf({ type }: JsonObject): readonly string[] | undefined {
  return type === undefined ? undefined : (Array.isArray(type) ? type : [type]).map(String);
}

const covers = (types: readonly string[], type: string): boolean =>
  types.includes(type) || (type === 'integer' && types.includes('number'));

function valuesOf(schema: JsonObject): readonly string[] | undefined {
  if ('const' in schema) return [JSON.stringify(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map((value) => JSON.stringify(value)) : undefined;
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

const at = (subject: string): string => (subject === '' ? 'the response' : subject);

/** `lines[]` and `total` -> `lines[].total`; `body` and `sku` -> `body sku`. */
function join(subject: string, name: string): string {
  if (subject === '') return name;
  return subject === 'body' || /^\d{3}$/.test(subject) ? `${subject} ${name}` : `${subject}.${name}`;
}

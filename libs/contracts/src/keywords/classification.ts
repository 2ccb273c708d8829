import { isObject, member, type JsonObject } from '../document/json.js';
import type { Tell } from './agreement.js';
import { shown } from './shown-value.js';

/** The keyword of a schema under which its classification stands once a contract was read, whatever form it was written in. */
const classificationKey = 'x-classification';

const piiKey = 'x-pii';
const wellFormed = /^[a-z][a-z0-9 -]{0,39}$/i;

/** A classification that a contract states, and the note for one that cannot be read. */
interface ClassificationReading {
  /** `pii`, `confidential`, `confidential, pii`; `public` takes back what a schema around says. */
  readonly value?: string;
  readonly note?: { readonly key: string; readonly message: string };
}

/** Reads `x-classification` (a text) and `x-pii` (true or false) of a schema, a parameter or a header. */
function readClassification(node: unknown): ClassificationReading {
  if (!isObject(node)) return {};
  const [named, pii] = [member(node, classificationKey), member(node, piiKey)];
  if (named !== undefined && (typeof named !== 'string' || !wellFormed.test(named)))
    return noted(classificationKey, `${classificationKey} is ${shown(named)}, not a word like confidential`);
  if (pii !== undefined && typeof pii !== 'boolean')
    return noted(piiKey, `${piiKey} is ${shown(pii)}, not true or false`);
  if (named === undefined) return pii === undefined ? {} : { value: pii ? 'pii' : 'public' };
  return { value: pii === true && named !== 'pii' ? `${named}, pii` : named };
}

const noted = (key: string, message: string): ClassificationReading => ({
  note: { key, message: `${message}; it is left out` },
});

/** Gives a schema the classification that the contract states for it. */
export function classify(schema: { [keyword: string]: unknown }, written: JsonObject, tell: Tell): void {
  const { value, note } = readClassification(written);
  if (note !== undefined) tell(note.key, note.message);
  if (value !== undefined) schema[classificationKey] = value;
}

/** A schema with the classification of the parameter or header that holds it; its own stays. */
export function classifiedAs<Schema>(schema: Schema, holder: JsonObject): Schema | JsonObject {
  const { value } = readClassification(holder);
  if (value === undefined || !isObject(schema) || member(schema, classificationKey) !== undefined) return schema;
  return { ...schema, [classificationKey]: value };
}

import { atOnce, type Validated } from '@frontage/core';
import { config, util, type $ZodType } from 'zod/v4/core';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

export const isZod = (schema: object): schema is $ZodType => '_zod' in schema;

/**
 * Validates with the asynchronous mode of zod, which gives its result at once where no function of the schema is asynchronous. Its
 * synchronous mode drops the promise of such a function, and a rejection that nothing waits for would end the process; its standard
 * `validate` does so too, after a function has thrown.
 * @throws {TypeError} where a function of the schema is asynchronous
 */
export function validateWithFunctions(schema: $ZodType, value: unknown, what: string): Validated {
  const context = { async: true };
  const { issues, value: validated } = atOnce(schema._zod.run({ value, issues: [] }, context), what) as {
    readonly issues: Parameters<typeof util.finalizeIssue>[0][];
    readonly value: unknown;
  };
  if (issues.length === 0) return { value: validated };
  return { issues: issues.map((issue) => util.finalizeIssue(issue, context, config())) };
}

/** Is there a function of the team's in it (`transform`, `refine`, `preprocess`, a codec)? Decided once, at boot. */
export function hasFunctions(schema: unknown, seen = new Set<unknown>()): boolean {
  if (!isObject(schema) || seen.has(schema)) return false;
  seen.add(schema);
  const internals = schema['_zod'];
  if (!isObject(internals)) return Object.values(schema).some((member) => hasFunctions(member, seen));
  const { def } = internals;
  if (!isObject(def)) return true;
  if (def['check'] === 'custom' || def['type'] === 'custom' || def['type'] === 'promise') return true;
  if (typeof def['transform'] === 'function' || typeof def['tx'] === 'function') return true;
  if (def['type'] === 'lazy' && typeof def['getter'] === 'function') return hasFunctions(def['getter'](), seen);
  return Object.values(def).some((member) => hasFunctions(member, seen));
}

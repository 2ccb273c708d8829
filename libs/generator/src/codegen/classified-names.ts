import type { ContractDocument } from '@frontage/contracts';

const key = 'x-classification';

/**
 * The names of the members that a contract classifies, sorted; `public` ones stay out. Members below a classified one are left out: their
 * names (`url`, `width`) mean something else elsewhere.
 */
export function classifiedNames({ schemas }: ContractDocument): readonly string[] {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) walk(one);
    if (!isRecord(node)) return;
    const { properties } = node;
    for (const [name, schema] of isRecord(properties) ? Object.entries(properties) : []) {
      const own = isRecord(schema) ? schema[key] : undefined;
      if (own !== undefined && own !== 'public') found.add(name);
    }
    for (const value of Object.values(node)) walk(value);
  };
  for (const schema of schemas.values()) walk(schema);
  return [...found].toSorted();
}

const isRecord = (x: unknown): x is { readonly [keyword: string]: unknown } =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

import { writeFileSync } from 'node:fs';
import { bffJsonSchema } from './json-schema.js';
import { policyReference } from './reference.js';

/** What is written from the schema, by its place in the workspace. */
export function generatedFiles(): ReadonlyMap<URL, string> {
  return new Map([
    [new URL('../bff.schema.json', import.meta.url), `${JSON.stringify(bffJsonSchema(), null, 2)}\n`],
    [new URL('../../../docs/policy.md', import.meta.url), policyReference()],
  ]);
}

if (import.meta.main) {
  for (const [file, text] of generatedFiles()) writeFileSync(file, text);
}

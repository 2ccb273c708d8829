import { writeFileSync } from 'node:fs';
import { bffJsonSchema } from './schema/json-schema.js';
import { policyReference } from './schema/reference.js';

/** The files that are generated from the schema, by their path in the workspace. */
export function generatedFiles(): ReadonlyMap<URL, string> {
  return new Map([
    [new URL('../bff.schema.json', import.meta.url), `${printJson(bffJsonSchema(), '')}\n`],
    [new URL('../../../docs/policy.md', import.meta.url), policyReference()],
  ]);
}

/** JSON as the formatter of the workspace writes it: lists of plain values on one line where they fit. */
function printJson(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => printJson(item, inner));
    const line = `[${items.join(', ')}]`;
    if (!line.includes('\n') && indent.length + line.length <= 100) return line;
    return `[\n${items.map((item) => inner + item).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${JSON.stringify(key)}: ${printJson(member, inner)}`,
  );
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

if (import.meta.main) {
  for (const [file, text] of generatedFiles()) writeFileSync(file, text);
}

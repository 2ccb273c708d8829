import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bffJsonSchema, block, membersOf, properties, type SchemaNode } from './json-schema.js';
import { generatedFiles } from '../write-schema.js';

it.each([...generatedFiles()])('%s is current (node libs/config/dist/write-schema.js writes it)', (file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it('describes every key', () => {
  const silent: string[] = [];
  const visit = (node: SchemaNode, path: string): void => {
    const inner = block(node);
    for (const [key, member] of Object.entries(properties(inner))) {
      if (typeof block(member)['description'] !== 'string') silent.push(`${path}${key}`);
      visit(member, `${path}${key}.`);
    }
    const members = membersOf(inner);
    if (members !== undefined) visit(members, `${path}*.`);
  };
  visit(bffJsonSchema(), '');
  expect(silent).toEqual([]);
});

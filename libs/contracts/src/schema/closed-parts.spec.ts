import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonSchema } from '@frontage/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract, type ContractDocument } from '../read-contract.js';

const closed = (name: string, more = ''): string =>
  `{ type: object, additionalProperties: false, properties: { ${name}: { type: string } }${more} }`;
const ref = (name: string): string => `{ $ref: '#/components/schemas/${name}' }`;

/** Each schema, and whether it stays closed. */
const schemas: readonly (readonly [name: string, text: string, staysClosed: boolean])[] = [
  ['Alone', closed('a'), true],
  ['Base', closed('a'), false],
  ['Sum', `{ allOf: [${ref('Base')}, ${closed('b')}] }`, true],
  ['Grand', closed('a'), false],
  ['Middle', `{ allOf: [${ref('Grand')}, { type: object, properties: { b: { type: string } } }] }`, true],
  ['Top', `{ allOf: [${ref('Middle')}, { type: object, properties: { c: { type: string } } }] }`, true],
  ['Own', closed('b', `, allOf: [${ref('Open')}]`), false],
  ['Open', '{ type: object, properties: { a: { type: string } } }', true],
  ['Left', closed('l'), true],
  ['Right', closed('r'), true],
  ['Either', `{ oneOf: [${ref('Left')}, ${ref('Right')}] }`, true],
  ['Common', closed('c', `, oneOf: [${ref('Choice')}]`), false],
  ['Choice', closed('d'), false],
  ['Same', closed('a'), true],
  ['Rules', `{ allOf: [${ref('Same')}, { required: [a], properties: { a: { minLength: 1 } } }] }`, true],
  ['Loop', closed('a', `, allOf: [{ properties: { next: ${ref('Loop')} } }]`), false],
];

let folder: string;
let contract: ContractDocument;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-closed-'));
  const paths = schemas.map(
    ([name]) =>
      `  /${name}: { get: { operationId: get${name}, responses: { '200': { description: ok, content: { application/json: { schema: ${ref(name)} } } } } } }`,
  );
  const text = `openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths:\n${paths.join('\n')}\ncomponents:\n  schemas:\n${schemas.map(([name, schema]) => `    ${name}: ${schema}`).join('\n')}\n`;
  await writeFile(join(folder, 'openapi.yaml'), text);
  contract = await readContract(join(folder, 'openapi.yaml'));
});
afterAll(() => rm(folder, { recursive: true }));

const isClosed = (schema: JsonSchema | undefined): boolean =>
  typeof schema === 'object' && schema['additionalProperties'] === false;

describe('a schema that takes no other members', () => {
  it.each(schemas)('%s: %s', (name, text, staysClosed) => {
    const wasClosed = text.startsWith('{ type: object, additionalProperties: false');
    expect(isClosed(contract.components.get(name))).toBe(wasClosed && staysClosed);
  });

  it('is opened with a warning at the keyword', () => {
    const told = contract.warnings.filter(({ message }) =>
      message.startsWith('additionalProperties: false here refuses'),
    );
    // The inline part of Sum is opened, too.
    expect(told).toHaveLength(schemas.filter(([, , staysClosed]) => !staysClosed).length + 1);
    expect(told[0]).toMatchObject({ rule: 'keyword', line: expect.any(Number) });
  });
});

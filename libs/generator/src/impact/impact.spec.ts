import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readContract, type ContractDocument } from '@frontage/contracts';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { UpstreamUse } from '../usage/operation-uses.js';
import { impactOf } from './impact.js';
import { impactMarkdown, impactText } from './impact-text.js';

const folder = fileURLToPath(new URL('../../../../../shared/specs', import.meta.url));
const isThere = existsSync(folder);
if (!isThere) process.stderr.write(`SKIPPED: there is no ${folder}, so no change of a contract of others is tested.\n`);

const use = (operation: string, reads: readonly string[], more: Partial<UpstreamUse> = {}): UpstreamUse => ({
  user: { bff: 'tv', screen: 'GET /home', owner: '@tv-team' },
  part: 'one',
  source: 'src/home/home.screen.ts:1:1',
  upstream: 'others',
  operation,
  reads,
  parameters: [],
  body: [],
  statuses: [],
  members: new Map(reads.map((field) => [field, [`shown.${field}`]])),
  skippable: new Set(),
  ...more,
});

const own = (text: string): Promise<ContractDocument> =>
  readContract(fileURLToPath(import.meta.url), { text, lint: false });
const contract = (item: string, more = ''): string => `openapi: 3.0.3
info: { title: A, version: '1' }
paths:
  /items:
    get:
      operationId: listItems
      parameters: [{ name: limit, in: query, schema: { type: integer, maximum: 50 } }${more}]
      responses:
        '200': { description: d, content: { application/json: { schema: { type: array, items: ${item} } } } }
        '404': { description: d }
`;
const item =
  '{ type: object, required: [id, kind], properties: { id: { type: string }, kind: { type: string, enum: [a, b] }, note: { type: string } } }';
const uses = [use('listItems', ['[].id', '[].kind'], { parameters: ['query limit'] })];
const whats = async (after: string, of: readonly UpstreamUse[] = uses): Promise<string[]> =>
  impactOf(await own(contract(item)), await own(after), of).map(
    ({ verdict, subject, what }) => `${verdict}: ${subject} ${what}`,
  );

describe('the impact of a contract', () => {
  it.each([
    ['the same contract', contract(item), []],
    ['a field that nobody reads is gone', contract(item.replace(', note: { type: string }', '')), []],
    ['a field is new', contract(item.replace('note:', 'more: { type: string }, note:')), []],
    ['a field is gone', contract(item.replace('id: { type: string }, ', '')), ['breaks: [].id is gone']],
    ['another type', contract(item.replace('id: { type: string }', 'id: { type: integer }')), ['breaks: [].id is integer instead of string']],
    ['another format', contract(item.replace('id: { type: string }', 'id: { type: string, format: uuid }')), []],
    ['nullable', contract(item.replace('id: { type: string }', 'id: { type: string, nullable: true }')), ['breaks: [].id may be null now']],
    ['no longer required', contract(item.replace('[id, kind]', '[kind]')), ['breaks: [].id is no longer required']],
    ['one more value', contract(item.replace('[a, b]', '[a, b, c]')), ['breaks: [].kind may be "c" now']],
    ['one value less', contract(item.replace('[a, b]', '[a]')), []],
    ['a new optional parameter', contract(item, ', { name: region, in: query, schema: { type: string } }'), []],
    ['a new required parameter', contract(item, ', { name: region, in: query, required: true, schema: { type: string } }'), ['breaks: query region is new and required']],
    ['a tighter bound of a parameter that is sent', contract(item).replace('maximum: 50', 'maximum: 10'), ['breaks: query limit has maximum 10 instead of 50']],
    ['a wider bound', contract(item).replace('maximum: 50', 'maximum: 100'), []],
    ['an error that nobody knows is new', contract(item).replace("'404'", "'410'"), []],
    ['another name', contract(item).replace('listItems', 'listAllItems'), ['breaks: the operation is called listAllItems instead of listItems']],
    ['another path', contract(item).replace('/items:', '/v2/items:'), ['changes:  is GET /v2/items now']],
    ['no operation', contract(item).replace('/items:', '/other:').replace('listItems', 'listItem'), ['breaks:  is gone; the nearest is listItem']],
  ])('%s', async (_kind, after, expected) => {
    expect(await whats(after)).toEqual(expected);
  }); // prettier-ignore

  it('leaves a parameter alone that nobody sends, and names an error that a screen knows', async () => {
    const others = [use('listItems', ['[].id'], { statuses: ['404'] })];
    expect(await whats(contract(item).replace('maximum: 50', 'maximum: 10'), others)).toEqual([]);
    const skipped = [use('listItems', ['[].id'], { skippable: new Set(['[].id']) })];
    expect(await whats(contract(item.replace('[id, kind]', '[kind]')), skipped)).toEqual([
      'changes: [].id is no longer required',
    ]);
  });

  it('is a list of screens per change, and a table for a pull request', async () => {
    const findings = impactOf(
      await own(contract(item)),
      await own(contract(item.replace('[a, b]', '[a, b, c]'))),
      uses,
    );
    const compared = { upstream: 'items', before: '1', after: '2' };
    expect(impactText(compared, findings)).toBe(
      'items 1 -> 2: 1 change breaks 1 endpoint\n\nlistItems, GET /items: [].kind may be "c" now\n  breaks  tv  GET /home  one  shown.[].kind  @tv-team\n',
    );
    expect(impactMarkdown(compared, findings)).toContain(
      '| breaks | `listItems` `[].kind` may be "c" now | tv | `GET /home` | `shown.[].kind` | @tv-team |',
    );
    expect(impactText(compared, [])).toBe('items 1 -> 2: no screen notices the change\n');
  });
});

type Schemas = Readonly<Record<string, Record<string, Record<string, unknown>>>>;

/** A changed copy of a document. Nothing of it is written. */
async function changed(file: string, edit: (schemas: Schemas) => void) {
  const path = join(folder, file);
  const before = await readContract(path, { lint: false });
  const document: { readonly components: { readonly schemas: Schemas } } = parse(before.text);
  const text = stringify(document, { aliasDuplicateObjects: false });
  edit(document.components.schemas);
  const after = stringify(document, { aliasDuplicateObjects: false });
  const read = await readContract(path, { text: after, lint: false });
  return { before, after: read, isChanged: text !== after };
}

const found = (before: ContractDocument, after: ContractDocument, of: UpstreamUse): string[] =>
  impactOf(before, after, [of]).map(({ subject, what }) => `${subject} ${what}`);

describe.skipIf(!isThere)('the impact of changed contracts of third parties', () => {
  const name = (schemas: Schemas): Record<string, unknown> => Object(schemas['UserCompact']?.['allOf'])[1].properties;
  it.each<[kind: string, edit: (schemas: Schemas) => void, expected: readonly string[]]>([
    ['a field that is read is gone', (schemas) => void delete name(schemas)['name'], ['data.name is gone']],
    ['a field that nobody reads is gone', (schemas) => void delete Object(schemas['UserResponse']?.['allOf'])[1].properties.email, []],
    ['a field has another type', (schemas) => void (name(schemas)['name'] = { type: 'integer' }), ['data.name is integer instead of string']],
    ['a field may be null', (schemas) => void (name(schemas)['name'] = { type: 'string', nullable: true }), ['data.name may be null now']],
    ['a field has a format', (schemas) => void (name(schemas)['name'] = { type: 'string', format: 'email' }), []],
    ['a field has a bound', (schemas) => void (name(schemas)['name'] = { type: 'string', maxLength: 9 }), []],
  ])('asana: %s', async (_kind, edit, expected) => {
    const { before, after, isChanged } = await changed('asana-3.0.yaml', edit);
    expect(isChanged).toBe(true);
    expect(found(before, after, use('getUser', ['data.name'], { parameters: ['path user_gid'] }))).toEqual(expected);
  }, 60_000);

  const patties = (schemas: Schemas): Record<string, unknown> => Object(schemas['Burger']?.['properties']);
  it.each<[kind: string, edit: (schemas: Schemas) => void, expected: readonly string[]]>([
    ['a field that is read is gone', (schemas) => void delete patties(schemas)['numPatties'], ['numPatties is gone']],
    ['a field has another type', (schemas) => void (patties(schemas)['numPatties'] = { type: 'string' }), ['numPatties is string instead of integer']],
    ['a field that nobody reads may be null', (schemas) => void (patties(schemas)['name'] = { type: ['string', 'null'] }), []],
    ['a field is new', (schemas) => void (patties(schemas)['weight'] = { type: 'number' }), []],
  ])('burgers: %s', async (_kind, edit, expected) => {
    const { before, after, isChanged } = await changed('burgershop-3.1.yaml', edit);
    expect(isChanged).toBe(true);
    expect(found(before, after, use('locateBurger', ['numPatties'], { parameters: ['path burgerId'] }))).toEqual(expected);
  });
}); // prettier-ignore

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits, parseDocument } from '../document/parse-document.js';
import { readContract } from '../read-contract.js';
import { applyOverlay } from './apply-overlay.js';

const contract = `openapi: 3.0.3
info: { title: T, version: '1' }
tags: [{ name: a }]
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{ name: x, in: query }, { name: y, in: query }, { name: z, in: query }]
      responses: { '200': { description: ok, content: { application/json: { schema: &order { type: object, properties: { id: { type: string } } } } } } }
    post: { operationId: addOrder, responses: { '200': { description: ok, content: { application/json: { schema: *order } } } } }
`;

const changed = (actions: string, version = '1.1.0', document = contract): unknown =>
  applyOverlay(
    parseDocument('api.yaml', document).value,
    { file: 'overlay.yaml', text: `overlay: ${version}\ninfo: { title: O, version: '1' }\nactions:\n${actions}` },
    defaultLimits,
  );

const query = (name: string) => ({ name, in: 'query' });

describe('an overlay', () => {
  it.each<[string, string, unknown]>([
    [
      'merges mappings, member by member',
      `- { target: $.info, update: { title: New, x-more: { a: 1 } } }`,
      { info: { title: 'New', version: '1', 'x-more': { a: 1 } } },
    ],
    ['appends to a list', `- { target: $.tags, update: { name: b } }`, { tags: [{ name: 'a' }, { name: 'b' }] }],
    [
      'appends the items of a list',
      `- { target: $.tags, update: [{ name: b }, { name: c }] }`,
      { tags: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    ],
    [
      'concatenates lists inside mappings',
      `- { target: $, update: { tags: [{ name: b }] } }`,
      { tags: [{ name: 'a' }, { name: 'b' }] },
    ],
    ['replaces a scalar', `- { target: $.info.title, update: New }`, { info: { title: 'New', version: '1' } }],
    [
      'removes several items of a list',
      `- { target: "$.paths['/orders'].get.parameters[?@.name != 'y']", remove: true }`,
      { paths: { '/orders': { get: { parameters: [query('y')] } } } },
    ],
    [
      'removes nodes in other ones that it removes, too',
      `- { target: $..parameters, remove: true }\n- { target: "$.paths['/orders'].post..['responses', '200', 'content']", remove: true }`,
      { paths: { '/orders': { get: { operationId: 'listOrders' }, post: { operationId: 'addOrder' } } } },
    ],
    [
      'changes all nodes of a filter',
      `- { target: "$.paths.*[?@.operationId == 'addOrder']", update: { deprecated: true } }`,
      { paths: { '/orders': { post: { deprecated: true } } } },
    ],
    [
      'copies a node (1.1)',
      `- { target: "$.paths['/orders'].post", copy: "$.paths['/orders'].get" }`,
      {
        paths: { '/orders': { post: { operationId: 'listOrders', parameters: [query('x'), query('y'), query('z')] } } },
      },
    ],
    [
      'applies its actions in their order',
      `- { target: $, update: { x-a: { b: 1 } } }\n- { target: $.x-a, update: { c: 2 } }\n- { target: $.x-a.b, remove: true }`,
      { 'x-a': { c: 2 } },
    ],
    ['lets `remove` win over `update`', `- { target: "$.tags[0]", remove: true, update: { name: b } }`, { tags: [] }],
  ])('%s', (_, actions, is) => {
    expect(changed(actions)).toMatchObject(Object(is));
  });

  it('removes what it says and nothing else', () => {
    expect(changed(`- { target: "$.paths['/orders'].post", remove: true }`)).not.toHaveProperty([
      'paths',
      '/orders',
      'post',
    ]);
    expect(changed(`- { target: $.info.title, remove: true }`)).toMatchObject({ info: { version: '1' }, tags: [{}] });
  });

  it('changes one use of a YAML alias and not the other', () => {
    const at = ['paths', '/orders'];
    const schema = ['responses', '200', 'content', 'application/json', 'schema'];
    const made = changed(`- { target: "$.paths['/orders'].get.responses['200'].content.*.schema", update: { x: 1 } }`);
    expect(made).toHaveProperty([...at, 'get', ...schema, 'x'], 1);
    expect(made).not.toHaveProperty([...at, 'post', ...schema, 'x']);
  });

  it('finds nodes at any depth that a document may have', () => {
    const deep = `${'{"a":'.repeat(150)}{"here":1}${'}'.repeat(150)}`;
    expect(JSON.stringify(changed(`- { target: $..here, update: 2 }`, '1.0.0', deep))).toContain('"here":2');
  });

  it.each<[string, string, string]>([
    [
      'a target that matches nothing',
      `- { target: "$.paths['/order']", remove: true }`,
      `overlay.yaml:4:5: the target $.paths['/order'] matches nothing in the contract`,
    ],
    [
      'the second target that matches nothing',
      `- { target: $.tags, remove: true }\n- target: $.tags\n  remove: true`,
      'overlay.yaml:5:3: the target $.tags matches nothing',
    ],
    [
      'a target that is no JSONPath',
      `- { target: paths, remove: true }`,
      'overlay.yaml:4:5: paths is no JSONPath (RFC 9535): expected',
    ],
    ['a bracket that is not closed', `- { target: "$.paths[", remove: true }`, '$.paths[ is no JSONPath (RFC 9535)'],
    ['no target', `- { update: { a: 1 } }`, 'overlay.yaml:4:3: an action has a `target`'],
    ['no change', `- { target: $.info }`, 'an action has `update`, `remove: true` or `copy`'],
    ['a typing mistake', `- { target: $.info, updates: { a: 1 } }`, 'an action has no member updates'],
    [
      'a list for a mapping',
      `- { target: $.info, update: [1] }`,
      'the target $.info is a mapping, and a list cannot be merged into it',
    ],
    [
      'a text for a mapping',
      `- { target: $.info, update: x }`,
      'the target $.info is a mapping, and "x" cannot be merged into it',
    ],
    ['the removal of everything', `- { target: $, remove: true }`, 'the whole document cannot be removed'],
    ['a copy of nothing', `- { target: $.info, copy: $.x }`, 'the copy $.x matches nothing; it has to match one node'],
    ['a copy of several nodes', `- { target: $.info, copy: $.paths.*.* }`, 'the copy $.paths.*.* matches 2 nodes'],
    ['an action that is a text', `- remove`, 'an action is a mapping'],
  ])('refuses %s, with its place', (_, actions, message) => {
    expect(() => changed(actions)).toThrow(message);
  });

  it.each<[string, string, string]>([
    [
      'another version',
      'overlay: 2.0.0\nactions: [{ target: $, update: {} }]',
      'the overlay version 2.0.0 is not known',
    ],
    ['copy in 1.0', 'overlay: 1.0.0\nactions: [{ target: $.info, copy: $.info }]', '`copy` needs `overlay: 1.1.0`'],
    ['no actions', 'overlay: 1.0.0\nactions: []', 'an overlay has a list of `actions`'],
    ['a contract', contract, 'this is no overlay'],
    ['no YAML', '{', 'this is neither YAML nor JSON'],
    ['an empty file', '', 'this is no overlay'],
  ])('refuses %s', (_, text, message) => {
    expect(() => applyOverlay({ info: {} }, { file: 'overlay.yaml', text }, defaultLimits)).toThrow(message);
  });

  it('leaves every document without a prototype of its own, whatever it merges', () => {
    const text = fc.constantFrom('a', 'constructor', 'toString', 'hasOwnProperty');
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        fc.integer(),
        fc.array(tie('node'), { maxLength: 2 }),
        fc.dictionary(text, tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(text, value), fc.dictionary(text, value), (document, update) => {
        const overlay = { file: 'o', text: JSON.stringify({ overlay: '1.0.0', actions: [{ target: '$', update }] }) };
        const made = applyOverlay(document, overlay, defaultLimits);
        const names = new Set([...Object.keys(document), ...Object.keys(update)]);
        expect(new Set(Object.keys(Object(made)))).toEqual(names);
        for (const [name, added] of Object.entries(update))
          if (typeof added === 'number') expect(Object(made)[name]).toBe(added);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a contract with an overlay', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overlay-'));
    await writeFile(join(folder, 'api.yaml'), contract);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is read as if its author had written it so; warnings name the file that each part comes from', async () => {
    const text = `overlay: 1.0.0
info: { title: O, version: '1' }
actions:
  - target: $.paths['/orders'].post
    update: { operationId: placeOrder, x: 1 }
  - target: $.paths
    update:
      /more:
        get: { operationId: more, parameters: [{ in: query }], responses: { '200': { description: ok } } }
`;
    const { operations, warnings } = await readContract(join(folder, 'api.yaml'), {
      cwd: folder,
      lint: false,
      overlays: [{ file: 'overlay.yaml', text }],
    });
    expect(operations.map(({ id }) => id)).toEqual(['listOrders', 'placeOrder', 'more']);
    expect(warnings).toMatchObject([
      { file: 'overlay.yaml', line: 9, message: 'a parameter has no name; it is left out' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { defaultLimits, parseDocument } from '../document/parse-document.js';
import { applyOverlay } from './apply-overlay.js';

const document = parseDocument(
  'api.yaml',
  `paths:
  /orders:
    get: { operationId: listOrders, tags: [read], parameters: [{ name: a, in: query }, { name: b, in: header }, { name: c, in: query }] }
    post: { operationId: addOrder, tags: [write, slow] }
  /orders/{id}:
    get: { operationId: getOrder, deprecated: true, parameters: [{ name: id, in: path }] }
  "/it's": { get: { operationId: quote } }
  /größe: { get: { operationId: size } }
components: { schemas: { Order: { type: object, properties: { id: { type: string, nullable: true }, lines: { type: array } } } } }
`,
).value;

const overlay = (target: string, change: object): unknown =>
  applyOverlay(
    document,
    { file: 'o.yaml', text: JSON.stringify({ overlay: '1.1.0', actions: [{ target, ...change }] }) },
    defaultLimits,
  );

/** The paths of the mappings that an action has marked. */
function marked(value: unknown, path = '$'): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => (key === 'mark' ? [path] : marked(member, `${path}.${key}`)));
}

describe('the target of an overlay', () => {
  it.each<[string, readonly string[]]>([
    ['$', ['$']],
    ["$.paths['/orders'].get", ['$.paths./orders.get']],
    ['$["paths"]["/orders"]["get"]', ['$.paths./orders.get']],
    ["$.paths['/it\\'s'].get", ["$.paths./it's.get"]],
    ["$.paths['/größe'].get", ['$.paths./größe.get']],
    ["$.paths['/gr\\u00f6\\u00dfe'].get", ['$.paths./größe.get']],
    ["$.paths['/orders']['get', 'post']", ['$.paths./orders.get', '$.paths./orders.post']],
    ['$.paths.*.post', ['$.paths./orders.post']],
    ['$.paths[*].post', ['$.paths./orders.post']],
    ['$..properties.id', ['$.components.schemas.Order.properties.id']],
    ["$.paths['/orders'].get.parameters[0]", ['$.paths./orders.get.parameters.0']],
    ["$.paths['/orders'].get.parameters[-1]", ['$.paths./orders.get.parameters.2']],
    ["$.paths['/orders'].get.parameters[:2]", ['$.paths./orders.get.parameters.0', '$.paths./orders.get.parameters.1']],
    [
      "$.paths['/orders'].get.parameters[::2]",
      ['$.paths./orders.get.parameters.0', '$.paths./orders.get.parameters.2'],
    ],
    [
      "$.paths['/orders'].get.parameters[0, 2]",
      ['$.paths./orders.get.parameters.0', '$.paths./orders.get.parameters.2'],
    ],
    ['$.paths.*[?@.deprecated]', ['$.paths./orders/{id}.get']],
    ['$.paths.*[?!@.parameters && !@.tags]', ["$.paths./it's.get", '$.paths./größe.get']],
    ["$.paths.*[?@.tags[0] == 'write' || @.deprecated == true]", ['$.paths./orders.post', '$.paths./orders/{id}.get']],
    ["$..[?@.in == 'header']", ['$.paths./orders.get.parameters.1']],
    ["$.paths[?@.get.operationId == 'getOrder']", ['$.paths./orders/{id}']],
    ['$.paths.*[?length(@.parameters) > 1]', ['$.paths./orders.get']],
    ['$.paths.*[?count(@.tags[*]) == 2]', ['$.paths./orders.post']],
    ["$.paths.*[?match(@.operationId, '(list|add)Orders?')]", ['$.paths./orders.get', '$.paths./orders.post']],
    ["$.paths.*[?search(@.operationId, 'et')]", ['$.paths./orders/{id}.get']],
    ["$.paths.*[?value(@.parameters[?@.name == 'b'].in) == 'header']", ['$.paths./orders.get']],
    [
      "$.paths['/orders'].get.parameters[?@.name > 'a']",
      ['$.paths./orders.get.parameters.1', '$.paths./orders.get.parameters.2'],
    ],
    ['$.components.schemas.*.properties[?@.nullable == true]', ['$.components.schemas.Order.properties.id']],
  ])('%s matches what RFC 9535 says', (target, found) => {
    expect(marked(overlay(target, { update: { mark: true } }))).toEqual(found);
  });

  it.each<[string, readonly string[]]>([
    ['[0]', ['b', 'c']],
    ['[-1]', ['a', 'b']],
    ['[1:]', ['a']],
    ['[::2]', ['b']],
    ['[2, 0]', ['b']],
    ['[0, 0]', ['b', 'c']],
    ["[?@.in == 'query']", ['b']],
    ['[*]', []],
  ])('with %s removes these items of a list and moves no other', (items, left) => {
    const made = overlay(`$.paths['/orders'].get.parameters${items}`, { remove: true });
    const names = left.map((name) => expect.objectContaining({ name }));
    expect(made).toHaveProperty(['paths', '/orders', 'get', 'parameters'], names);
  });

  it.each<[string, string, readonly string[], unknown]>([
    ['a mapping into a mapping', "$.paths['/orders'].post", ['paths', '/orders', 'post', 'deprecated'], true],
    ['a mapping into several', '$.paths.*.get', ['paths', '/größe', 'get', 'deprecated'], true],
  ])('is merged with a copy of %s', (_, target, at, is) => {
    expect(overlay(target, { copy: "$.paths['/orders/{id}'].get" })).toHaveProperty([...at], is);
  });

  it('takes a copy into a list as one more item, and a copy of a list as its items', () => {
    const at = ['paths', '/orders', 'get', 'parameters'];
    const names = (made: unknown): unknown =>
      at.reduce((found, key) => Object(found)[key], made as Record<string, unknown>);
    const list = "$.paths['/orders'].get.parameters";
    expect(names(overlay(list, { copy: "$.paths['/orders/{id}'].get.parameters[0]" }))).toHaveLength(4);
    expect(names(overlay(list, { copy: "$.paths['/orders/{id}'].get.parameters" }))).toHaveLength(4);
    expect(
      overlay("$.paths['/orders'].get.operationId", { copy: "$.paths['/orders'].post.operationId" }),
    ).toHaveProperty(['paths', '/orders', 'get', 'operationId'], 'addOrder');
  });

  it.each<[string, string]>([
    ["$.paths['/order'].get", "$.paths has /orders, /orders/{id}, /it's, /größe; is /orders meant?"],
    ['$.path', '$ has paths, components; is paths meant?'],
    ["$.paths['/orders'].delete.tags", "$.paths['/orders'] has get, post"],
    ["$.paths['/orders'].get.parameters[3]", "$.paths['/orders'].get.parameters is a list of 3"],
    ["$.paths['/orders'].get.parameters[?@.name == 'x']", "$.paths['/orders'].get.parameters is a list of 3"],
    ["$.paths['/orders'].get.operationId.x", "$.paths['/orders'].get.operationId has no members"],
    ['$..propertys', '$ has paths, components'],
  ])('%s, which matches nothing, is told with what is there', (target, there) => {
    const show = (): unknown => overlay(target, { remove: true });
    expect(show).toThrow(`the target ${target} matches nothing in the contract: `);
    expect(() => overlay(target.replaceAll('"', "'"), { remove: true })).toThrow(there);
  });
});

import { describe, expect, it } from 'vitest';
import type { AppDescription, PartDescription } from '../plan/app-description.js';
import { usesOf } from './operation-uses.js';

const call = {
  kind: 'call',
  need: 'required',
  method: 'GET',
  path: '/a',
  after: [],
  reads: [],
  upstream: 'shop',
} as const;
const app = (parts: Readonly<Record<string, PartDescription>>, planReads = {}): AppDescription => ({
  bff: 'tv',
  policy: {},
  endpoints: [
    { method: 'GET', path: '/by-hand', handler: 'A.a', access: 'public' },
    {
      method: 'POST',
      path: '/home',
      handler: 'B.b',
      access: 'public',
      screen: {
        name: 'tv.home',
        source: 'src/home.screen.ts:1:1',
        deadlineMs: 100,
        input: {},
        parts,
        fields: { list: { kept: ['items[].id'], computed: ['items[].kind'] } },
        planReads,
        origins: [
          { member: 'ids[]', expression: 'list.items[].id', without: {}, from: [{ part: 'list', upstream: 'shop', operation: 'list', field: 'items[].id' }] },
        ],
      },
    },
  ],
}); // prettier-ignore

describe('the uses of upstreams', () => {
  it('are the calls of parts, of their fallbacks and undos, with the fields that view and plan read', () => {
    const uses = usesOf(
      app(
        {
          list: {
            ...call,
            operation: 'list',
            refuses: { '404': '404 none' },
            onStatus: ['409'],
            fallbacks: [
              { kind: 'operation', upstream: 'archive', operation: 'listOld', args: { query: { $ref: 'query' } } },
              { kind: 'value', value: [] },
            ],
            undo: { upstream: 'shop', operation: 'undoList', args: { path: { id: { $ref: 'list.id' } } } },
            args: { path: { id: 'x' }, body: { lines: [{ sku: { $ref: 'body.sku' } }], key: { $key: [1] }, all: { $ref: 'body' } } },
          },
          '(step 1)': { kind: 'step', after: ['list'], reads: [] },
        },
        { list: ['next'] },
      ),
      '@tv-team',
    );
    expect(uses.map(({ upstream, operation, reads, parameters, body, statuses }) => ({ upstream, operation, reads, parameters, body, statuses }))).toEqual([
      { upstream: 'shop', operation: 'list', reads: ['items[].id', 'items[].kind', 'next'], parameters: ['path id'], body: ['lines[].sku', 'key', 'all'], statuses: ['404', '409'] },
      { upstream: 'archive', operation: 'listOld', reads: ['items[].id', 'items[].kind', 'next'], parameters: ['query *'], body: [], statuses: [] },
      { upstream: 'shop', operation: 'undoList', reads: [], parameters: ['path id'], body: [], statuses: [] },
    ]);
    expect(uses[0]?.user).toEqual({ bff: 'tv', screen: 'POST /home', owner: '@tv-team' });
    expect([...(uses[0]?.members ?? [])]).toEqual([['items[].id', ['ids[]']]]);
  });

  it('have fields that only calls per item take, because an item without one is skipped', () => {
    const list: PartDescription = { ...call, operation: 'list' };
    const readBy = (kind: PartDescription['kind']): readonly string[] => {
      const parts = { list, other: { ...call, kind, operation: 'get', reads: ['list.items[].parcelId'] } };
      return [...(usesOf(app(parts, { list: ['items[].parcelId', 'items[].id'] }), undefined)[0]?.skippable ?? [])];
    };
    expect(readBy('each')).toEqual(['items[].parcelId']);
    expect(readBy('batch')).toEqual(['items[].parcelId']);
    expect(readBy('call')).toEqual([]);
  });
}); // prettier-ignore

import { SchemaTable, type OperationInfo } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { KeptResponses } from './index.js';

const contract: OperationInfo['contract'] = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([]),
};
const operation = (id: string): OperationInfo => ({ contract, id, method: 'GET', path: '/', responses: [] });
const [getItem, listItems] = [operation('getItem'), operation('listItems')];

function keeper() {
  const dropped: string[] = [];
  return { dropped, drop: (key: string) => void dropped.push(key) };
}

describe('the responses of a request that stores keep', () => {
  it('are forgotten by part, whatever operation brought them', () => {
    const [kept, store] = [new KeptResponses(), keeper()];
    kept.add('user', getItem, store, 'a');
    kept.add('user', listItems, store, 'b');
    kept.add('orders', getItem, store, 'c');
    kept.drop('user', getItem);
    expect(store.dropped).toEqual(['a', 'b']);
  });

  it('are forgotten by operation outside a plan', () => {
    const [kept, store] = [new KeptResponses(), keeper()];
    kept.add('', getItem, store, 'a');
    kept.add('', listItems, store, 'b');
    kept.drop('', listItems);
    expect(store.dropped).toEqual(['b']);
  });

  it('are at most 1,000, and those beyond end with their time', () => {
    const [kept, store] = [new KeptResponses(), keeper()];
    for (let at = 0; at < 1_500; at++) kept.add('user', getItem, store, String(at));
    expect(kept.size).toBe(1_000);
    kept.drop('user');
    expect(store.dropped).toHaveLength(1_000);
  });
});

import { join } from 'node:path';
import { list, optional, pick, plan, required, screen, text } from '@frontage/aggregation';
import { SchemaTable, type Operation } from '@frontage/clients';
import { operationInfo, readContract } from '@frontage/contracts';
import { readResponse, reply, runScreen } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { workspace } from './compile.js';

const contract = await readContract(join(workspace, 'test/contracts/fixtures/names.yaml'));

interface Thing {
  then: string;
  constructor: string;
  toString: string;
  hasOwnProperty: string;
  '0': string;
  '': string;
  $ref: string;
  'a.b': string;
  'a/b': string;
  id: string;
  ID: number;
  items: string[];
  nested: { then: string; of: { x: { one: string } } };
}

interface Query {
  query?: { [name: string]: string };
}

function operation(): Operation<Query, Thing, Record<never, never>, 'GET'> {
  const description = contract.operations.find(({ id }) => id === 'getThing');
  if (description === undefined) throw new Error('the contract has no such operation');
  const schemas = new SchemaTable([...contract.schemas].map(([name, schema]) => [name, JSON.stringify(schema)]));
  return {
    ...operationInfo(description),
    contract: { upstream: 'names', title: 'N', version: '1', schemas },
    method: 'GET',
  };
}

const values = (mark: string): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(
    ['then', 'constructor', 'toString', 'hasOwnProperty', '0', '', '$ref', 'a.b', 'a/b', 'id'].map((name) => [
      name,
      `${mark} ${name}`,
    ]),
  ),
  ID: 7,
  items: ['a'],
  nested: { ...only('then', `${mark} nested`), of: { x: { one: `${mark} one` } } },
});

/** An object that looks like a promise to the linter where its member is written out. */
function only<T>(name: string, value: T): { readonly [name: string]: T } {
  return { [name]: value };
}

/** A member that looks like the method of a promise to the linter. */
const memberOf = <T, K extends keyof T>(of: T, key: K): T[K] => of[key];

describe('names of a contract', () => {
  it('that JavaScript uses itself are members, parts and arguments like any other', async () => {
    const names = plan('names', { input: {}, deadlineMs: 500 }, () => {
      const first = required(operation(), {});
      const query = {
        ...only('then', memberOf(first, 'then')),
        ...only('constructor', memberOf(first, 'constructor')),
        ...only('x', memberOf(first.nested, 'then')),
        ...only('0', first[0]),
      };
      const second = required(operation(), { query });
      return { first, second, constructor: optional(operation(), {}), toString: required(operation(), {}) };
    });
    const view = screen(names, ({ first, second, toString }) => ({
      whole: pick(
        first,
        'then',
        'constructor',
        'toString',
        '0',
        '',
        '$ref',
        'a.b',
        'a/b',
        'hasOwnProperty',
        'id',
        'ID',
      ),
      again: { own: memberOf(second, 'then'), text: memberOf(second, 'toString'), nested: pick(second.nested, 'then') },
      line: text`${memberOf(first, 'then')} ${memberOf(toString, 'constructor')} ${first['']}`,
      items: list(first.items, (item) => item),
    }));
    const run = await runScreen(
      view,
      {},
      Object.fromEntries(['first', 'second', 'constructor', 'toString'].map((part) => [part, reply(values(part))])),
    );
    expect(run.calls.find(({ part }) => part === 'second')?.args).toEqual({
      query: { ...only('then', 'first then'), constructor: 'first constructor', x: 'first nested', '0': 'first 0' },
    });
    const { items: _, nested: __, ...members } = values('first');
    expect(readResponse(run)).toEqual({
      whole: members,
      again: { own: 'second then', text: 'second toString', nested: only('then', 'second nested') },
      line: 'first then toString constructor first ',
      items: ['a'],
    });
  });

  it('a reference is still refused where it is awaited', async () => {
    const reasons: unknown[] = [];
    const names = plan('names', { input: {}, deadlineMs: 500 }, () => {
      const first = required(operation(), {});
      void Promise.resolve(first.nested).catch((error: unknown) => reasons.push(error));
      return { first };
    });
    screen(names, ({ first }) => {
      void Promise.resolve(first.nested).catch((error: unknown) => reasons.push(error));
      return { id: first.id };
    });
    await expect.poll(() => reasons.map(String)).toHaveLength(2);
    for (const reason of reasons) expect(String(reason)).toMatch(/nested is a reference, not a value.*no await/);
  });

  it('give every operation and every type one name', () => {
    const ids = contract.operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(16);
    expect(ids).toEqual(
      expect.arrayContaining(['then', 'constructor', '__proto__', 'delete', '_404', 'GetThing', 'get_thing']),
    );
    expect(contract.refused).toEqual([]);
  });
});

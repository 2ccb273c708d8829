import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.js';

const throwing = (): never => {
  throw new Error('from a getter');
};
const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const everyTrapThrows = (target: object): object => new Proxy(target, new Proxy({}, { get: () => throwing }));
const withMembers = (error: object, members: Record<string, unknown>): object =>
  Object.defineProperties(
    error,
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { value, configurable: true }])),
  );
const withGetters = (error: object, ...names: string[]): object =>
  Object.defineProperties(
    error,
    Object.fromEntries(names.map((name) => [name, { get: throwing, configurable: true }])),
  );
const cyclic = (): Error => {
  const [a, b] = [new Error('a'), new Error('b')];
  a.cause = b;
  b.cause = a;
  return a;
};
const endless = (): object => ({
  get cause() {
    return endless();
  },
  message: 'again',
});
const wide = (depth: number): AggregateError =>
  new AggregateError(
    Array.from({ length: 30 }, () => (depth === 0 ? new Error('leaf') : wide(depth - 1))),
    'wide',
  );

describe('the description of a thrown value', () => {
  it('of an error has its name, message, stack and causes', () => {
    const error = new TypeError('outer', { cause: new RangeError('inner') });
    expect(describeError(error)).toEqual({
      type: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('describe-error.spec'),
      cause: { type: 'RangeError', message: 'inner', stack: expect.any(String) },
    });
  });

  it('of an error that gathers others names the first five, because its own message is often empty', () => {
    const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:1`));
    expect(describeError(new AggregateError(refused))).toMatchObject({
      type: 'AggregateError',
      message: '',
      errors: [{ message: 'connect ECONNREFUSED ::1:1' }, { message: 'connect ECONNREFUSED 127.0.0.1:1' }],
    });
    expect(describeError(wide(0)).errors).toHaveLength(5);
  });

  it.each<[string, unknown, { type: string; message: string }]>([
    ['undefined', undefined, { type: 'undefined', message: 'undefined' }],
    ['null', null, { type: 'null', message: 'null' }],
    ['a text', 'plain text', { type: 'string', message: 'plain text' }],
    ['a number', 7, { type: 'number', message: '7' }],
    ['minus zero', -0, { type: 'number', message: '0' }],
    ['a symbol', Symbol('why'), { type: 'symbol', message: 'Symbol(why)' }],
    ['a bigint', 7n, { type: 'bigint', message: '7' }],
    ['a huge bigint', 1n << 4_000_000n, { type: 'bigint', message: 'a bigint of more than 64 bits' }],
    ['a function', () => 1, { type: 'function', message: 'no message, members: length, name' }],
    ['an object like an error', { name: 'Odd', message: 'odd' }, { type: 'Odd', message: 'odd' }],
    ['an object of a request', { user: 'ada', pin: 1 }, { type: 'object', message: 'no message, members: user, pin' }],
    ['an object without a prototype', Object.create(null), { type: 'object', message: 'no message' }],
    ['a frozen list', Object.freeze(['a']), { type: 'object', message: 'no message' }],
    [
      'a message that is an object',
      withMembers(new Error(), { message: {} }),
      { type: 'Error', message: 'no message, members: stack, message' },
    ],
    [
      'a message that is a symbol',
      withMembers(new Error(), { message: Symbol('s') }),
      { type: 'Error', message: 'Symbol(s)' },
    ],
    ['a message that is a number', withMembers(new Error(), { message: 12 }), { type: 'Error', message: '12' }],
    ['a name that is no text', withMembers(new Error('m'), { name: 7 }), { type: 'Error', message: 'm' }],
    ['a stack that is no text', withMembers(new Error('m'), { stack: [1] }), { type: 'Error', message: 'm' }],
    [
      'getters that throw',
      withGetters(new Error(), 'message', 'stack', 'name', 'cause', 'errors'),
      { type: 'Error', message: 'no message, members: stack, message, name, cause, errors' },
    ],
    [
      'a text that cannot be made',
      { toString: throwing, [Symbol.toPrimitive]: throwing },
      { type: 'object', message: 'no message, members: toString, Symbol(Symbol.toPrimitive)' },
    ],
    ['a revoked proxy', revoked({}), { type: 'object', message: 'no message' }],
    ['a revoked proxy of an error', revoked(new Error('m')), { type: 'object', message: 'no message' }],
    ['a revoked proxy of a function', revoked(throwing), { type: 'function', message: 'no message' }],
    ['a proxy with traps that throw', everyTrapThrows(new Error('m')), { type: 'object', message: 'no message' }],
    ['a proxy of an error', new Proxy(new Error('m'), {}), { type: 'Error', message: 'm' }],
    ['a text object of 20 million letters', Object('x'.repeat(20_000_000)), { type: 'object', message: 'no message' }],
    ['20 million bytes', Buffer.alloc(20_000_000), { type: 'object', message: 'no message' }],
    [
      'an error of another realm',
      runInContext('new TypeError("far")', createContext()),
      { type: 'TypeError', message: 'far' },
    ],
    ['a cause that is a revoked proxy', new Error('m', { cause: revoked([]) }), { type: 'Error', message: 'm' }],
    [
      'gathered errors that are a revoked proxy',
      withMembers(new Error('m'), { errors: revoked([]) }),
      { type: 'Error', message: 'm' },
    ],
  ])('is made of %s', (_what, thrown, expected) => {
    const startedAt = performance.now();
    const described = describeError(thrown);
    expect(described).toMatchObject(expected);
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it.each<[string, unknown]>([
    ['causes in a circle', cyclic()],
    ['causes without end', endless()],
    ['an error that is its own cause', withMembers(new Error('m'), { cause: cyclic() })],
    ['gathered errors in gathered errors', wide(3)],
    ['a message of 50 MB', new Error('m'.repeat(50_000_000))],
    ['a name of 50 MB', withMembers(new Error('m'), { name: 'n'.repeat(50_000_000) })],
    ['a symbol of 5 MB', Symbol('s'.repeat(5_000_000))],
    ['members with long names', { ['k'.repeat(5_000_000)]: 1 }],
  ])('is bounded for %s', (_what, thrown) => {
    expect(JSON.stringify(describeError(thrown)).length).toBeLessThan(120_000);
  });

  it('survives an error whose stack is made by a hook that throws', () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
    try {
      Error.prepareStackTrace = throwing;
      expect(describeError(new Error('m'))).toMatchObject({ message: 'm' });
    } finally {
      Reflect.deleteProperty(Error, 'prepareStackTrace');
      if (before !== undefined) Object.defineProperty(Error, 'prepareStackTrace', before);
    }
  });

  it('never throws, for every value and every failing member', () => {
    // Made where they are used: fast-check itself stumbles over them.
    const makers = [() => revoked({}), () => everyTrapThrows([]), () => Symbol('s'), () => throwing, cyclic];
    const plain = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true });
    const maker = fc.oneof(
      plain.map((value) => () => value),
      fc.constantFrom<() => unknown>(...makers),
    );
    const members = fc.dictionary(fc.constantFrom('name', 'message', 'stack', 'cause', 'errors', 'code'), maker);
    const failing = fc.subarray(['name', 'message', 'stack', 'cause', 'errors', 'toString']);
    fc.assert(
      fc.property(maker, members, failing, fc.boolean(), (make, own, getters, isError) => {
        expect(() => JSON.stringify(describeError(make()))).not.toThrow();
        const values = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, value()]));
        const described = describeError(withGetters(withMembers(isError ? new Error('m') : {}, values), ...getters));
        expect([typeof described.type, typeof described.message]).toEqual(['string', 'string']);
        expect(JSON.parse(JSON.stringify(described))).toEqual(described);
      }),
      { numRuns: 500 },
    );
  });
});

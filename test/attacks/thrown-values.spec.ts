import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Param } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';

const fail = (): never => {
  throw new Error('from a member');
};
const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const trapped = (target: object): object => new Proxy(target, new Proxy({}, { get: () => fail }));
const withValue = (name: string, value: unknown): Error => Object.defineProperty(new Error('m'), name, { value });
const withGetter = (name: string): Error => Object.defineProperty(new Error('m'), name, { get: fail });
const cyclic = (): Error => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  return error;
};

/** Values that a controller of a team, or a library below it, can throw. */
const thrownValues: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  symbol: () => Symbol('s'),
  bigint: () => 1n,
  function: () => fail,
  'no prototype': () => Object.create(null),
  'message as an object': () => withValue('message', { toString: fail }),
  'message as a symbol': () => withValue('message', Symbol('s')),
  'stack as a list': () => withValue('stack', [1]),
  'name as an object': () => withValue('name', {}),
  'a getter of message': () => withGetter('message'),
  'a getter of stack': () => withGetter('stack'),
  'a getter of cause': () => withGetter('cause'),
  'a getter of name': () => withGetter('name'),
  'a getter of status': () => withGetter('statusCode'),
  'a getter of constructor': () => withGetter('constructor'),
  'a text that cannot be made': () => ({ toString: fail, [Symbol.toPrimitive]: fail }),
  'causes in a circle': cyclic,
  'a huge message': () => new Error('m'.repeat(5_000_000)),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of an error': () => revoked(new Error('m')),
  'traps that throw': () => trapped(new Error('m')),
  'a cause that is a revoked proxy': () => new Error('m', { cause: revoked({}) }),
  'a status that is an object': () => Object.assign(new Error('m'), { status: {}, statusCode: {} }),
  'a frozen error': () => Object.freeze(new Error('m')),
};
const names = Object.keys(thrownValues);

@Public()
@Controller()
class Throwing {
  @Get('sync/:index')
  sync(@Param('index') index: string): never {
    throw thrownValues[names[Number(index)] ?? '']?.();
  }
  @Get('async/:index')
  async async(@Param('index') index: string): Promise<never> {
    await Promise.resolve();
    throw thrownValues[names[Number(index)] ?? '']?.();
  }
  @Get('fine')
  fine(): { fine: true } {
    return { fine: true };
  }
}

const uncaught: unknown[] = [];
const hear = (thrown: unknown): void => void uncaught.push(thrown);
const folder = mkdtempSync(join(tmpdir(), 'thrown-values-'));
let gateway: Gateway;
let url = '';
beforeAll(async () => {
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
  const file = join(folder, 'bff.yaml');
  // With a log, because describing the thrown value once ended the process.
  writeFileSync(file, `bff: spec\nlisten: { port: 0, adminPort: 0 }\nlog: { file: '${join(folder, 'log')}' }\n`);
  class App {}
  gateway = createGateway(
    { module: App, controllers: [Throwing] },
    { loaded: loadConfig(file, { env: {}, environment: 'test' }) },
  );
  ({ url } = await gateway.start());
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
  process.off('uncaughtException', hear);
  process.off('unhandledRejection', hear);
});

describe.each(['sync', 'async'])('a handler that throws (%s)', (kind) => {
  it.each(names)('%s becomes a problem response, and the next request is served', async (name) => {
    const response = await fetch(`${url}/${kind}/${names.indexOf(name)}`, { signal: AbortSignal.timeout(5_000) });
    expect(response.status).toBe(500);
    await expect(response.json()).resolves.toMatchObject({ code: 'GW_INTERNAL' });
    await expect((await fetch(`${url}/fine`)).json()).resolves.toEqual({ fine: true });
    expect(uncaught).toEqual([]);
  });
});

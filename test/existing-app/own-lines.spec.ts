import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Body, Controller, Logger, Module, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Public } from '@frontage/auth';
import { FrontageLogger, FrontageModule } from '@frontage/gateway';
import { afterAll, describe, expect, it } from 'vitest';

const logger = new Logger('Echo');

@Public()
@Controller()
class EchoController {
  @Post('echo/:id')
  async echo(@Body() body: object): Promise<object> {
    logger.log('at once');
    await nextTurn();
    logger.log('later', { body });
    return body;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'own-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const adapters = { Express: () => undefined, Fastify: () => new FastifyAdapter() };

async function start(platform: keyof typeof adapters, file: string): Promise<INestApplication> {
  const policy = join(folder, `${platform}.yaml`);
  writeFileSync(policy, `bff: shop\nlisten: { port: 3000, adminPort: 0 }\nlog: { file: '${file}' }\n`);
  @Module({ imports: [FrontageModule.forRoot({ config: policy, env: {} })], controllers: [EchoController] })
  class AppModule {}
  const adapter = adapters[platform]();
  const options = { logger: false, abortOnError: false } as const;
  const nest: INestApplication =
    adapter === undefined
      ? await NestFactory.create(AppModule, options)
      : await NestFactory.create(AppModule, adapter, options);
  nest.useLogger(nest.get(FrontageLogger));
  await nest.listen(0, '127.0.0.1');
  return nest;
}

/** Its body comes in two pieces, the second one after the server has begun to read it. */
async function post(nest: INestApplication): Promise<[status: number | undefined, requestId: unknown]> {
  const { port } = nest.getHttpServer().address() as AddressInfo;
  const headers = { 'content-type': 'application/json', expect: '100-continue' };
  const sent = request({ host: '127.0.0.1', port, path: '/echo/1', method: 'POST', headers });
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.write('{"a":');
  await new Promise((resolve) => setImmediate(resolve));
  sent.end('1}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await text(response);
  return [response.statusCode, response.headers['x-request-id']];
}

describe.each(['Express', 'Fastify'] as const)('lines of an application on %s', (platform) => {
  it('have the ids of their request, also after a body that came late', async () => {
    const file = join(folder, `${platform}.log`);
    const nest = await start(platform, file);
    const first = await post(nest);
    const second = await post(nest);
    await nest.close();
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .filter(({ level }) => level === 'info');
    const facts = { method: 'POST', route: '/echo/:id', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) };
    for (const [status, requestId] of [first, second]) {
      expect(status).toBe(201);
      expect(lines.filter((line) => line['requestId'] === requestId)).toEqual([
        expect.objectContaining({ ...facts, msg: 'at once', logger: 'Echo' }),
        expect.objectContaining({ ...facts, msg: 'later', logger: 'Echo', body: { a: 1 } }),
        expect.objectContaining({ ...facts, msg: 'request', status: 201 }),
      ]);
    }
    expect(lines).toHaveLength(6);
  });
});

import 'reflect-metadata';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, RouteSchema, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Public } from '@frontage/auth';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';

const headers = {
  type: 'object',
  properties: { 'X-Tenant': { type: 'string', enum: ['Acme', 'Globex'] }, 'X-Plan': { type: 'string' } },
  required: ['X-Tenant'],
  dependencies: { 'X-Plan': ['X-Region'], 'X-Region': { required: ['X-City'] } },
  allOf: [{ not: { required: ['X-Forbidden'] } }, { propertyNames: { not: { enum: ['X-Never'] } } }],
};

@Public()
@Controller()
class Declared {
  @Get('headers')
  @RouteSchema({ headers })
  named(): object {
    return { passed: true };
  }

  @Post('body')
  @RouteSchema({
    body: { type: 'object', properties: { count: { type: 'integer', maximum: 9 } }, required: ['count'] },
  })
  counted(@Body() body: unknown): unknown {
    return body;
  }

  @Get('response')
  @RouteSchema({ response: { 200: { type: 'object', properties: { shown: { type: 'string' } } } } })
  shown(): object {
    return { shown: 'yes', hidden: 'no' };
  }
}

@Module({ controllers: [Declared] })
class PlainModule {}

/** A request, and the headers or the body of it. */
const requests: readonly (readonly [path: string, sent: Record<string, string>, body: object | undefined])[] = [
  ['/headers', { 'x-tenant': 'Acme' }, undefined],
  ['/headers', { 'X-TENANT': 'Globex' }, undefined],
  ['/headers', { 'x-tenant': 'acme' }, undefined],
  ['/headers', {}, undefined],
  ['/headers', { 'x-tenant': 'Acme', 'x-plan': 'gold' }, undefined],
  ['/headers', { 'x-tenant': 'Acme', 'x-plan': 'gold', 'x-region': 'north' }, undefined],
  ['/headers', { 'x-tenant': 'Acme', 'x-plan': 'gold', 'x-region': 'north', 'x-city': 'Oslo' }, undefined],
  ['/headers', { 'x-tenant': 'Acme', 'x-forbidden': '1' }, undefined],
  ['/headers', { 'x-tenant': 'Acme', 'x-never': '1' }, undefined],
  ['/body', {}, { count: 3 }],
  ['/body', {}, { count: '7' }],
  ['/body', {}, { count: 10 }],
  ['/body', {}, {}],
  ['/response', {}, undefined],
];

describe('a JSON Schema that a route declares to Fastify', () => {
  let plain: NestFastifyApplication;
  let ours: GatewayUnderTest;

  beforeAll(async () => {
    plain = await NestFactory.create<NestFastifyApplication>(PlainModule, new FastifyAdapter(), { logger: false });
    await plain.listen(0, '127.0.0.1');
    ours = await GatewayUnderTest.start({
      controllers: [Declared],
      upstreams: '',
      log: '{ level: silent, requests: false }',
    });
  });
  afterAll(async () => {
    await plain.close();
    await ours.stop();
  });

  it.each(requests)('means to %s with %j %j what it means in plain Nest', async (path, sent, body) => {
    const ask = async (url: string): Promise<readonly [number, unknown]> => {
      const response = await fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...sent, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const read: unknown = await response.json();
      return [response.status, response.ok ? read : undefined];
    };
    expect(await ask(ours.url)).toEqual(await ask(await plain.getUrl()));
  });
});

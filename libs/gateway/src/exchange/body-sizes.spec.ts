import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { RequestEnded } from '@frontage/context';
import { channels, SchemaTable, type Contract, type Operation } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { Screen } from '../screens/screen.decorator.js';

const tag = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([['Tag', JSON.stringify(tag)]]),
};
const getTag: Operation<Record<never, never>, { id: string }, object, 'GET'> = {
  contract,
  id: 'getTag',
  method: 'GET',
  path: '/tag',
  responses: [{ status: '200', media: 'application/json', schema: 'Tag' }],
};
const tagPlan = plan('sizes.tag', { deadlineMs: 5_000 }, () => ({ tag: required(getTag, {}) }));
const tagScreen = screen(tagPlan, (parts) => pick(parts.tag, 'id'));

@Public()
@Controller()
class Pages {
  @Get('screen')
  @Screen(tagScreen)
  screen() {
    return {};
  }
  @Get('own')
  own() {
    return { own: 'ä' };
  }
  @Post('own')
  take(@Body() body: object) {
    return body;
  }
  @Get('pieces')
  pieces(@Res() reply: { send(body: Readable): unknown }) {
    return reply.send(Readable.from(['a', 'b']));
  }
}

const ends: RequestEnded[] = [];
let app: GatewayUnderTest;
beforeAll(async () => {
  const note = (ended: unknown): void => void ends.push(ended as RequestEnded);
  channels.requestEnded.subscribe(note);
  app = await GatewayUnderTest.start({ controllers: [Pages], policy: 'access: off\n' });
  app.shop.reply = rawReplies.json({ id: 'é-1' });
  return () => channels.requestEnded.unsubscribe(note);
});
afterAll(() => app.stop());
beforeEach(() => {
  ends.length = 0;
});

/** The sizes that are told of a request, and the size that arrived. */
async function sizesOf(asked: Promise<Response>) {
  const response = await asked;
  const arrived = (await response.arrayBuffer()).byteLength;
  await expect.poll(() => ends.length).toBe(1);
  const [{ requestBytes, responseBytes } = {}] = ends;
  return { status: response.status, arrived, requestBytes, responseBytes };
}

describe('the sizes of bodies', () => {
  it.each(['/screen', '/own', '/nothing'])('of %s are those on the wire', async (path) => {
    const { arrived, requestBytes, responseBytes } = await sizesOf(app.ask(path));
    expect(arrived).toBeGreaterThan(0);
    expect(responseBytes).toBe(arrived);
    expect(requestBytes).toBeUndefined();
  });

  it('of a request are what it says', async () => {
    expect(await sizesOf(app.post('/own', { text: 'ö' }))).toMatchObject({
      status: 201,
      requestBytes: Buffer.byteLength('{"text":"ö"}'),
    });
  });

  it('of HEAD are 0', async () => {
    expect(await sizesOf(app.ask('/screen', { method: 'HEAD' }))).toMatchObject({
      status: 200,
      arrived: 0,
      responseBytes: 0,
    });
  });

  it('are not known of a response that is sent in pieces', async () => {
    expect(await sizesOf(app.ask('/pieces'))).toEqual({
      status: 200,
      arrived: 2,
      requestBytes: undefined,
      responseBytes: undefined,
    });
  });
});

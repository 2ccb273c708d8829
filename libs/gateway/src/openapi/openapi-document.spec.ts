import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  list,
  optional,
  orElse,
  orNull,
  pick,
  plan,
  problem,
  required,
  screen,
  step,
  write,
} from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { RateClass } from '@frontage/throttling';
import { loadConfig } from '@frontage/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createGateway } from '../create-gateway.js';
import { policyFile, policyText, specModule, takesTokens } from '../fixtures/gateway-under-test.js';
import { addItem, getItem, listItems } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const input = { path: z.object({ id: z.string() }) };
const shown = screen(
  plan('spec.shown', { input, deadlineMs: 100 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    other: optional(getItem, { path: { id: 'other' } }),
  })),
  ({ item, other }) => ({ ...pick(item, 'id'), other: orNull(pick(other, 'name')) }),
);
const listed = screen(
  plan('spec.listed', { input: {}, deadlineMs: 100 }, () => ({ items: optional(listItems, {}) })),
  ({ items }) => list(orElse(items, []), (item) => pick(item, 'id')),
);
const sold = problem(409, 'sold_out', 'It is sold out.');
const closed = problem(409, 'closed', 'We have closed.');
const added = screen(
  plan('spec.added', { input: {}, deadlineMs: 100, description: 'An item that is sold out is refused.' }, () => {
    const open = step({ closed }, (seen) => (seen.closed.status > 0 ? 'a' : seen.closed()));
    const first = write(addItem, { body: { name: open } }, { refuseOn: { 409: sold } });
    return { first, second: write(addItem, { body: { name: first.id } }) };
  }),
  ({ first }) => pick(first, 'id'),
);

@ApiTags('Shop window')
@Controller('items')
class ItemController {
  @Get(':id')
  @Public()
  @Screen(shown)
  @ApiOperation({ summary: 'One item', description: 'With what goes with it.', deprecated: true })
  show(@Param() path: object) {
    return { path };
  }

  /** Lists the items in the window. Those that are sold out are left out. */
  @Get()
  @Access({ scope: 'items:read' })
  @RateClass('interactive')
  @Screen(listed)
  list() {
    return {};
  }

  /** Adds an item. */
  @Post()
  @Access()
  @Screen(added)
  add() {
    return {};
  }
}

@Controller('by-hand')
class HandController {
  @Get()
  @Public()
  @ApiOperation({ summary: 'Written by hand' })
  @ApiResponse({ status: 418, description: 'Short and stout' })
  show() {
    return {};
  }
}

type Json = Readonly<Record<string, unknown>>;
interface Response {
  readonly $ref?: string;
  readonly headers?: Json;
  readonly content?: Readonly<Record<string, { readonly schema: { readonly properties?: Json } }>>;
}
interface Operation extends Json {
  readonly responses: Readonly<Record<string, Response>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

/** The document of an app with these keys of access. */
async function documentOf(access: string): Promise<Document> {
  const parts = {
    controllers: [ItemController, HandController],
    policy: `${access}rateClasses: { interactive: [{ per: user, limit: 9, window: 1m }] }\n`,
  };
  const env = { SHOP_URL: 'http://shop.invalid', ISSUER_URL: 'https://issuer.invalid' };
  const loaded = loadConfig(policyFile(policyText(parts)), { env, environment: 'test' });
  return JSON.parse(JSON.stringify(await createGateway(specModule(parts), { loaded }).openApi()));
}

let document: Document;
beforeAll(async () => {
  document = await documentOf(takesTokens);
});

const operation = (method: string, path: string): Operation => document.paths[path]![method]!;
/** The codes of one status, and the parts that may be named with it. */
function problemOf(method: string, path: string, status: number) {
  const found = operation(method, path).responses[status];
  const response =
    found?.$ref === undefined ? found : document.components.responses[found.$ref.split('/').at(-1) ?? ''];
  const properties = response?.content?.['application/problem+json']?.schema.properties as
    Readonly<Record<string, { readonly enum?: readonly string[] } | undefined>> | undefined;
  return { codes: properties?.['code']?.enum, parts: properties?.['part']?.enum };
}

describe('the document of a BFF', () => {
  it('takes words from the comment above the method and from the plan where no decorator has them', () => {
    expect(operation('get', '/items')).toMatchObject({
      summary: 'Lists the items in the window',
      description: 'Lists the items in the window. Those that are sold out are left out.',
    });
    expect(operation('post', '/items')).toMatchObject({
      summary: 'Adds an item',
      description: 'Adds an item.\n\nAn item that is sold out is refused.',
    });
  });

  it('takes its words from the decorators of @nestjs/swagger, on screens and on what is written by hand', () => {
    expect(operation('get', '/items/{id}')).toMatchObject({
      operationId: 'spec.shown',
      summary: 'One item',
      description: 'With what goes with it.',
      deprecated: true,
      tags: ['Shop window'],
    });
    const byHand = operation('get', '/by-hand');
    expect(byHand).toMatchObject({ summary: 'Written by hand', tags: ['hand'] });
    expect(Object.keys(byHand.responses)).toEqual(['418', '500']);
  });

  it.each([
    ['get', '/items/{id}', ['200', '400', '404', '500', '502', '503', '504']],
    ['get', '/items', ['200', '401', '403', '429', '500', '502']],
    ['post', '/items', ['201', '400', '401', '409', '413', '415', '500', '502', '503', '504']],
  ])('%s %s: says which statuses there are, and no others', (method, path, statuses) => {
    expect(Object.keys(operation(method, path).responses)).toEqual(statuses);
  });

  it('says of each status which problems it stands for, and which parts they name', () => {
    expect(problemOf('get', '/items/{id}', 404)).toEqual({ codes: ['GW_NOT_FOUND'], parts: ['item'] });
    expect(problemOf('get', '/items/{id}', 400)).toEqual({
      codes: ['GW_BAD_REQUEST', 'GW_INVALID_INPUT'],
      parts: ['item'],
    });
    expect(problemOf('get', '/items/{id}', 504).codes).toEqual(['GW_DEADLINE_EXCEEDED', 'GW_UPSTREAM_TIMEOUT']);
    // Only what verifies tokens may fail there: the one call is optional.
    expect(problemOf('get', '/items', 502)).toEqual({ codes: ['GW_UPSTREAM_FAILED'], parts: undefined });
    expect(problemOf('post', '/items', 409)).toEqual({ codes: ['closed', 'sold_out'], parts: undefined });
    expect(problemOf('post', '/items', 500).codes).toEqual(['GW_INDETERMINATE', 'GW_INTERNAL']);
    expect(problemOf('post', '/items', 502).parts).toEqual(['first', 'second']);
  });

  it('says that an external policy may forbid a request, or be out of reach', async () => {
    const decided = takesTokens.replace('access: {', "access: { opa: { url: 'http://127.0.0.1:9', path: a },");
    const { paths } = await documentOf(decided);
    expect(Object.keys(paths['/items']!['post']!.responses)).toContain('403');
    expect(Object.keys(paths['/items']!['get']!.responses)).toEqual(['200', '401', '403', '429', '500', '502', '503']);
    expect(Object.keys(paths['/items/{id}']!['get']!.responses)).not.toContain('403');
  });

  it('says where a partial response names its missing parts: in the body, or in a header if the body has no room', () => {
    const [inBody, inHeader] = [operation('get', '/items/{id}'), operation('get', '/items')].map(
      ({ responses }) => responses[200],
    );
    expect(inBody?.content?.['application/json']?.schema).toMatchObject({
      required: ['id', 'other'],
      properties: { _parts: { properties: { other: {} }, additionalProperties: false } },
    });
    expect(Object.keys(inBody?.headers ?? {})).toEqual(['X-Request-Id']);
    expect(inHeader?.content?.['application/json']?.schema).toMatchObject({ type: 'array' });
    expect(Object.keys(inHeader?.headers ?? {})).toEqual([
      'X-Request-Id',
      'RateLimit',
      'RateLimit-Policy',
      'Frontage-Parts',
    ]);
  });
});

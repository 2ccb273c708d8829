import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ResponseExamples } from './response-examples.js';

const schema = { type: 'object', properties: { total: { $ref: '#/components/schemas/Money' } } };
const components = { Money: { type: 'object', properties: { cents: { $ref: '#/components/schemas/Cents' } } } };
const withCents = (type: string) => ({ ...components, Cents: { type }, Other: {} });
const place = { path: '/orders/{id}', method: 'get', status: 200 };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function committed(media: object): Promise<ResponseExamples> {
  const document = {
    paths: {
      '/orders/{id}': { get: { responses: { 200: { content: { 'application/json': { schema, ...media } } } } } },
    },
    components: { schemas: withCents('integer') },
  };
  await writeFile(join(folder, 'openapi.gen.json'), JSON.stringify(document));
  return new ResponseExamples(join(folder, 'bff.yaml'));
}

describe('the examples of responses in the committed document', () => {
  it('are shown while the schema is the committed one', async () => {
    const one = await committed({ example: { total: { cents: 1 } } });
    expect(one.of(place, schema, withCents('integer'))).toEqual({ example: { total: { cents: 1 } } });
    const several = await committed({ examples: { complete: { value: {} } } });
    expect(several.of(place, schema, withCents('integer'))).toEqual({ examples: { complete: { value: {} } } });
  });

  it('are left out when the schema changes, or one that it refers to', async () => {
    const examples = await committed({ example: { total: { cents: 1 } } });
    expect(examples.of(place, { ...schema, required: ['total'] }, withCents('integer'))).toEqual({});
    expect(examples.of(place, schema, withCents('string'))).toEqual({});
  });

  it('are none for another operation or status', async () => {
    const examples = await committed({ example: {} });
    expect(examples.of({ ...place, status: 201 }, schema, withCents('integer'))).toEqual({});
    expect(examples.of({ ...place, method: 'constructor' }, schema, withCents('integer'))).toEqual({});
  });

  it.each(['', '[]', 'null', '{"paths":[]}', '<<<<<<< main'])('are none in a document of %j', async (text) => {
    await writeFile(join(folder, 'openapi.gen.json'), text);
    expect(new ResponseExamples(join(folder, 'bff.yaml')).of(place, schema, {})).toEqual({});
  });

  it('are none where there is no document', () => {
    expect(new ResponseExamples(join(folder, 'bff.yaml')).of(place, schema, {})).toEqual({});
  });
});

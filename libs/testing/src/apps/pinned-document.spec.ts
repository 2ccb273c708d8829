import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectPinned } from './pinned-document.js';

const documentOf = (order: object, words = 'The screen.') => ({
  paths: {
    '/home': {
      get: { responses: { 200: { description: words, content: { 'application/json': { schema: order } } } } },
    },
  },
});
const order = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };

let folder = '';
let file: URL;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-'));
  await mkdir(join(folder, 'tv'));
  file = pathToFileURL(join(folder, 'tv/openapi.gen.json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pin = (document: object) => writeFile(file, `${JSON.stringify(document, null, 2)}\n`);

describe('the promise of an app', () => {
  it('is kept where nothing changes', async () => {
    await pin(documentOf(order));
    await expectPinned(documentOf(order), file);
  });

  it('is broken with a message that names the member, the endpoint, the clients that break, and the next step', async () => {
    await pin(documentOf(order));
    const { required: _, ...loose } = order;
    await expect(expectPinned(documentOf(loose), file)).rejects.toThrow(
      `tv differs from the promise to its clients in apps/tv/openapi.gen.json:
  GET /home: total is no longer required: breaks clients that read it
Change the screen, or accept the new promise: npx frontage accept tv`,
    );
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(documentOf(order));
  });

  it('has other examples of its responses, which are not compared', async () => {
    const withExample = JSON.stringify(documentOf(order)).replace('"schema":', '"example":{"total":1},"schema":');
    await writeFile(file, `${withExample}\n`);
    await expectPinned(documentOf(order), file);
    expect(await readFile(file, 'utf8')).toBe(`${withExample}\n`);
    await pin(documentOf(order));
    await expectPinned(JSON.parse(withExample), file);
  });

  it('has new descriptions only when they are accepted', async () => {
    await pin(documentOf(order));
    await expect(expectPinned(documentOf(order, 'The page.'), file)).rejects.toThrow(
      'Only descriptions and order change',
    );
  });
});

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareDocuments } from '@frontage/contracts/compare-documents';
import { withoutResponseExamples } from '@frontage/contracts/response-examples';
import { expect } from 'vitest';
import type { OpenApiDocument } from './response-check.js';

/**
 * Compares the OpenAPI document of an app with the committed one, which is its promise to its clients. The first run writes it. Examples of
 * responses are not compared: they promise nothing.
 * @param file the `openapi.gen.json` in the folder of the app
 * @throws {Error} that names each member that changes, its endpoint, and whether the change breaks clients
 */
export async function expectPinned(document: OpenApiDocument, file: URL): Promise<void> {
  const path = fileURLToPath(file);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const committed = existsSync(path) ? await readFile(path, 'utf8') : text;
  const pinned: unknown = JSON.parse(committed);
  if (promise(pinned) !== promise(document)) throw new Error(changeReport(pinned, document, basename(dirname(path))));
  await expect(committed).toMatchFileSnapshot(path);
}

const promise = (document: unknown): string => JSON.stringify(withoutResponseExamples(document));

function changeReport(pinned: unknown, document: unknown, app: string): string {
  const changes = compareDocuments(pinned, document);
  const list =
    changes.length === 0
      ? ['Only descriptions and order change; the promise to clients does not.']
      : changes.map(({ text }) => text);
  return [
    `${app} differs from the promise to its clients in apps/${app}/openapi.gen.json:`,
    ...list.map((line) => `  ${line}`),
    `Change the screen, or accept the new promise: npx frontage accept ${app}`,
  ].join('\n');
}

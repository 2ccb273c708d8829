import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareDocuments } from '@frontage/contracts/compare-documents';
import { expect } from 'vitest';
import type { OpenApiDocument } from './response-check.js';

/**
 * Holds what an app answers against what it has promised its clients: the committed document. The first run writes it.
 * @param file the `openapi.gen.json` in the folder of the app
 * @throws {Error} naming each member that changes, its endpoint, and whether that breaks clients
 */
export async function expectPinned(document: OpenApiDocument, file: URL): Promise<void> {
  const path = fileURLToPath(file);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const pinned = existsSync(path) ? await readFile(path, 'utf8') : text;
  if (pinned !== text) throw new Error(changeReport(JSON.parse(pinned), document, basename(dirname(path))));
  await expect(text).toMatchFileSnapshot(path);
}

function changeReport(pinned: unknown, document: unknown, app: string): string {
  const changes = compareDocuments(pinned, document);
  const list =
    changes.length === 0
      ? ['Only words and order change; what clients are promised does not.']
      : changes.map(({ text }) => text);
  return [
    `${app} answers its clients otherwise than apps/${app}/openapi.gen.json promises:`,
    ...list.map((line) => `  ${line}`),
    `Change the screen, or take it as the new promise: npx frontage accept ${app}`,
  ].join('\n');
}

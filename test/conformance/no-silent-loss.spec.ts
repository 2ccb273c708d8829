import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedDocuments, type PublishedDocument } from '../contracts/published-documents.js';
import { compareContract } from './compared-contract.js';

const own = fileURLToPath(new URL('fixtures', import.meta.url));
const fixtures = globSync(['*.yaml', '*/openapi.yaml'], { cwd: own }).toSorted();
/** Fixtures with values that can be anything or have any names: a screen parses such responses. */
const parsed: ReadonlySet<string> = new Set(['files/openapi.yaml', 'open-members.yaml']);
const published: readonly PublishedDocument[] = [
  ...publishedDocuments('contracts'),
  ...publishedDocuments('specs', { largest: 60_000, everyNth: 4 }),
  ...publishedDocuments('trials', { largest: 150_000, everyNth: 12 }),
  ...publishedDocuments('further'),
];

/** Every member of every success response, by a plain reading of the document: in the type, in the schema and in the response of a screen. */
describe('the declarations of a document are not lost in silence', { timeout: 120_000 }, () => {
  it.each(fixtures)('in %s', async (file) => {
    const { members, lost, generated, projected } = await compareContract(join(own, file));
    expect(generated).toBeGreaterThan(0);
    expect(members).toBeGreaterThan(3);
    expect(projected > 0).toBe(!parsed.has(file));
    expect(lost).toEqual([]);
  });

  it.runIf(published.length > 0)('in published documents', { timeout: 1_800_000 }, async () => {
    const lost: string[] = [];
    for (const { name, file, everyNth } of published) {
      const compared = await compareContract(file, everyNth);
      process.stdout.write(
        `${name}: ${compared.operations} operations = ${compared.generated} generated + ${compared.refused} refused, ${compared.warned} warnings; ` +
          `${compared.members} members compared (${compared.projected} responses as bytes), ${compared.told} missing with a warning, ${compared.lost.length} lost\n`,
      );
      lost.push(...compared.lost.map((one) => `${name} ${one}`));
    }
    expect(lost).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProductionPackage } from './bundle/production-packages.js';

const fileName = /^(?:licen[cs]es?|copying|notice|third[-_]?party[-_]?licen[cs]es)(?:[-._].*)?$/i;

/** Texts of licences and notices of bundled packages, one after the other: their licences ask for a copy beside the code. */
export function licenceTexts(packages: readonly ProductionPackage[]): string {
  const parts = packages.map((each) => {
    const texts = licenceFiles(each.folder).map((name) => readFileSync(join(each.folder, name), 'utf8'));
    const said = each.licence ?? 'not stated';
    const body =
      texts.length === 0 ? `The package has no text of a licence; its package.json says: ${said}.` : texts.join('\n\n');
    return `${each.name} ${each.version}\nLicence: ${said}\n\n${body.replaceAll('\r\n', '\n').trim()}\n`;
  });
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

const licenceFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isFile() && fileName.test(each.name))
    .map(({ name }) => name)
    .toSorted();

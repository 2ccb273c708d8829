import { existsSync, globSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { workspace } from './compile.js';

/** A document of third parties, tried as it is. */
export interface PublishedDocument {
  /** Name of the upstream, unique among all. */
  readonly name: string;
  readonly file: string;
  /** Of its operations each so-manieth is tried. */
  readonly everyNth: number;
}

const folders = {
  specs: join(workspace, '../shared/specs'),
  trials: join(workspace, '../shared/trials/documents'),
  contracts: join(workspace, '../shared/trials/contracts'),
};

/** A folder with more documents, whose operations are all tried. */
const further = process.env['FRONTAGE_DOCUMENTS'];
/** Tries all operations of all documents, however large. */
const isWhole = process.env['FRONTAGE_ALL_OPERATIONS'] !== undefined;

export interface Sampling {
  /** Bytes of the largest document that is tried without being asked for: reading a large one takes seconds. */
  readonly largest: number;
  readonly everyNth: number;
}

/** The documents of one of the folders; none where the folder is missing. */
export function publishedDocuments(
  from: keyof typeof folders | 'further',
  sampling: Sampling = { largest: Infinity, everyNth: 1 },
): readonly PublishedDocument[] {
  const folder = from === 'further' ? further : folders[from];
  if (folder === undefined || !existsSync(folder)) return [];
  const { largest, everyNth } = isWhole || from === 'further' ? { largest: Infinity, everyNth: 1 } : sampling;
  const files = [
    ...globSync('*.{json,yaml,yml}', { cwd: folder }),
    ...globSync('*/openapi*.{json,yaml,yml}', { cwd: folder }),
  ];
  return files
    .filter((file) => statSync(join(folder, file)).size <= largest)
    .toSorted((a, b) => a.localeCompare(b))
    .map((file) => ({ name: nameOf(file), file: resolve(folder, file), everyNth }));
}

const nameOf = (file: string): string =>
  file
    .toLowerCase()
    .replace(/\.\w+$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    // An upstream begins with a letter.
    .replace(/^(?=\d)/, 'case-');

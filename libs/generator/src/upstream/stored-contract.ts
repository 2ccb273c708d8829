import { join, relative, resolve } from 'node:path';
import {
  readContract,
  type ContractDocument,
  type Location,
  type OverlaySource,
  type ReadContractOptions,
} from '@frontage/contracts';
import { UsageError } from '../terminal/command.errors.js';
import { overlayFile, readIfThere } from '../workspace/upstream-folders.js';

/** The values of an option that is given several times. */
export const inOrder = (file: string, earlier: readonly string[] = []): readonly string[] => [...earlier, file];

/** Overlays that a command names. @throws {UsageError} for a file that is not there */
export function readOverlays(files: readonly string[], cwd: string): Promise<OverlaySource[]> {
  return Promise.all(
    files.map(async (file) => {
      const text = await readIfThere(resolve(cwd, file));
      if (text === undefined) throw new UsageError(`there is no file ${file}`);
      return { file, text };
    }),
  );
}

/** The stored overlay of an upstream; none where it has none. */
export async function storedOverlays(folder: string, cwd = process.cwd()): Promise<readonly OverlaySource[]> {
  const path = join(folder, overlayFile);
  const text = await readIfThere(path);
  return text === undefined ? [] : [{ file: relative(cwd, path), text }];
}

/**
 * The contract as its stored text and its overlays say. Locations in messages are those of the original files; an overlay changes what
 * there is to say, so that with one they are those of the stored text.
 */
export async function readStored(
  source: string,
  contract: ContractDocument,
  options: ReadContractOptions & { readonly text: string },
  path: string,
): Promise<ContractDocument> {
  const { text, overlays = [], cwd = process.cwd() } = options;
  if (overlays.length === 0) {
    if (text === contract.text) return contract;
    const { warnings, refused } = contract;
    return { ...(await readContract(source, { ...options, lint: false })), warnings, refused };
  }
  const read = await readContract(source, options);
  if (text === contract.text) return read;
  const placed = <Placed extends Location>(each: Placed): Placed =>
    overlays.some(({ file }) => each.file === file) ? each : { ...each, file: relative(cwd, path) };
  return { ...read, warnings: read.warnings.map(placed), refused: read.refused.map(placed) };
}

import { join, relative } from 'node:path';
import {
  readContract,
  type ContractDocument,
  type Location,
  type OverlaySource,
  type ReadContractOptions,
} from '@frontage/contracts';
import { overlayFile, readIfThere } from '../workspace/upstream-folders.js';

/** The overlay of an upstream: a new one, or the stored one. */
export async function overlayOf(
  folder: string,
  given: string | undefined,
  cwd = process.cwd(),
): Promise<OverlaySource | undefined> {
  const path = join(folder, overlayFile);
  const text = given ?? (await readIfThere(path));
  return text === undefined ? undefined : { file: relative(cwd, path), text };
}

/**
 * The contract as its stored text and its overlay say. Locations in messages are those of the original files; an overlay changes what
 * there is to say, so that with one they are those of the stored text.
 */
export async function readStored(
  source: string,
  contract: ContractDocument,
  options: ReadContractOptions & { readonly text: string },
  path: string,
): Promise<ContractDocument> {
  const { text, overlay, cwd = process.cwd() } = options;
  if (overlay === undefined) {
    if (text === contract.text) return contract;
    const { warnings, refused } = contract;
    return { ...(await readContract(source, { ...options, lint: false })), warnings, refused };
  }
  const read = await readContract(source, options);
  if (text === contract.text) return read;
  const placed = <Placed extends Location>(each: Placed): Placed =>
    each.file === overlay.file ? each : { ...each, file: relative(cwd, path) };
  return { ...read, warnings: read.warnings.map(placed), refused: read.refused.map(placed) };
}

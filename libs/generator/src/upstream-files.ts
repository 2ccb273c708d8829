import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readContract, type ContractDocument, type ReadContractOptions } from '@frontage/contracts';
import { stringify } from 'yaml';
import { schemasSource } from './schemas-source.js';
import { OpenApiTypescriptEmitter } from './type-emitter.js';
import { upstreamSource } from './upstream-source.js';
import { contractFile } from './upstream-folders.js';

export interface UpstreamFiles {
  readonly contract: ContractDocument;
  /** Text by path. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * What a contract becomes in the folder of an upstream: itself in one YAML file, and two generated ones made from that file, so that
 * the same bytes come out whether somebody adds a contract anew or edits the stored one.
 * @throws {ContractError} for a file that is no contract
 */
export async function upstreamFiles(
  name: string,
  source: string,
  folder: string,
  options: Pick<ReadContractOptions, 'allowRemote' | 'cwd'> = {},
): Promise<UpstreamFiles> {
  const stored = join(folder, contractFile);
  const contract = await readContract(source, options);
  const text = await readFile(source, 'utf8');
  const isYaml = /\.ya?ml$/i.test(source);
  const kept = !contract.isFolded && isYaml ? text : storedText(contract);
  // Folded documents are read again from the text that is stored: that text alone decides what is generated.
  const described =
    kept === text
      ? contract
      : { ...(await readContract(source, { ...options, text: kept, lint: false })), warnings: contract.warnings };
  const files = new Map<string, string>();
  if (!(await isSameFile(source, stored))) files.set(stored, kept);
  files.set(join(folder, `${name}.gen.ts`), await upstreamSource(name, described, new OpenApiTypescriptEmitter()));
  files.set(join(folder, 'schemas.gen.ts'), schemasSource(name, described));
  return { contract: described, files };
}

function storedText(contract: ContractDocument): string {
  return stringify(contract.bundled, { aliasDuplicateObjects: false, lineWidth: 120 });
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => realpath(path).catch(() => undefined)));
  return first !== undefined && first === second;
}

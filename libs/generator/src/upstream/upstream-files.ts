import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isSafe, removingMethods } from '@frontage/core';
import {
  joinOverlays,
  readContract,
  selectOperations,
  type ContractDocument,
  type ContractWarning,
  type OverlaySource,
  type ReadContractOptions,
} from '@frontage/contracts';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { Document, visit } from 'yaml';
import { UsageError } from '../terminal/command.errors.js';
import type { OperationPatterns } from './operation-patterns.js';
import { escapeInvisible, showInvisible } from '../codegen/source-text.js';
import { schemasSource } from '../codegen/schemas-source.js';
import { OpenApiTypescriptEmitter } from '../codegen/type-emitter.js';
import { contractFile, overlayFile } from '../workspace/upstream-folders.js';
import { readStored, storedOverlays } from './stored-contract.js';
import { isUrl } from './upstream-record.js';
import { upstreamSource } from '../codegen/upstream-source.js';
import { validatorsFile, validatorsSource } from '../codegen/validators-source.js';

export interface UpstreamFiles {
  readonly contract: ContractDocument;
  /** Number of operations that `--only` leaves out. */
  readonly leftOut: number;
  /** Text by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The stored text of the contract. */
  readonly stored: string;
}

export interface UpstreamFilesOptions extends Pick<ReadContractOptions, 'allowRemote' | 'cwd' | 'root'> {
  /** Overlays to store beside the contract, as one. @default the stored one */
  readonly overlays?: readonly OverlaySource[];
  /** Keep only the operations that fit. @default all */
  readonly only?: OperationPatterns;
  /** Compile validators of responses. @default where the file of validators exists */
  readonly validators?: boolean;
  /** Ids of operations that policy marks as safe. @default none */
  readonly safe?: ReadonlySet<string>;
  /** Receives the current step, for progress. */
  readonly onStage?: (stage: string) => void;
}

/**
 * Makes the files of an upstream: the contract as one YAML file, and files that are generated from that file. So the same bytes result
 * when a contract is added again and when the stored one is edited.
 * @param source path or URL
 * @throws {ContractError} for a file that is no contract
 */
export async function upstreamFiles(
  name: string,
  source: string,
  folder: string,
  { only, validators, safe, overlays: given, onStage = () => {}, ...options }: UpstreamFilesOptions = {},
): Promise<UpstreamFiles> {
  const path = join(folder, contractFile);
  onStage(`reading ${source}`);
  const contract = await readContract(source, options);
  const isStored = !isUrl(source) && (await isSameFile(source, path));
  const kept = isStored || isKeptAsWritten(source, contract) ? contract.text : storedText(contract);
  // A bundled document is read again from its stored text, because that text alone decides the generated files. Locations in messages
  // are those of the original files.
  const overlays = given ?? (await storedOverlays(folder, options.cwd));
  const described = await readStored(source, contract, { ...options, text: kept, overlays }, path);
  const selected = withMarks(select(described, only), safe);
  onStage(`generating ${selected.operations.length} operations`);
  const files = new Map<string, string>();
  if (!isStored) files.set(path, kept);
  if (given !== undefined) files.set(join(folder, overlayFile), joinOverlays(given));
  const validates = validators ?? existsSync(join(folder, validatorsFile));
  const operations = await upstreamSource(name, selected, new OpenApiTypescriptEmitter(), { validates });
  files.set(join(folder, `${name}.gen.ts`), operations);
  files.set(join(folder, 'schemas.gen.ts'), schemasSource(name, selected));
  if (!validates) return { contract: selected, leftOut: count(described) - count(selected), files, stored: kept };
  const { text, unchecked } = validatorsSource(name, selected);
  files.set(join(folder, validatorsFile), text);
  const warnings = [...selected.warnings, ...uncheckedWarnings(source, unchecked)];
  return { contract: { ...selected, warnings }, leftOut: count(described) - count(selected), files, stored: kept };
}

function uncheckedWarnings(file: string, unchecked: ReadonlyMap<string, string>): ContractWarning[] {
  return [...unchecked].map(([name, reason]) => {
    const message = `the schema ${name} has no validator (${reason}); values of it are not checked`;
    return { rule: 'validator', message, file, line: 1, column: 1 };
  });
}

function isKeptAsWritten(source: string, contract: ContractDocument): boolean {
  return !contract.isFolded && (/\.ya?ml$/i.test(source) || !/^\s*\{/.test(contract.text));
}

/** The document as YAML. Invisible characters and marks of direction are escaped, as in every generated file. */
function storedText({ bundled }: ContractDocument): string {
  const document = new Document(bundled, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      // Only a text in double quotes can have escapes.
      if (typeof scalar.value === 'string' && showInvisible(scalar.value) !== scalar.value)
        scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeInvisible(document.toString({ lineWidth: 120 }), yamlEscape);
}

/** YAML 1.2.2 section 5.7. */
function yamlEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function select(contract: ContractDocument, only: OperationPatterns | undefined): ContractDocument {
  if (only === undefined) return contract;
  const unused = only.unused([...contract.operations, ...contract.refused.map((each) => ({ ...each, id: '' }))]);
  if (unused.length > 0)
    throw new UsageError(`no operation of the contract fits ${unused.map(terminalLine).join(' or ')}`);
  return {
    ...selectOperations(contract, (operation) => only.fits(operation)),
    refused: contract.refused.filter((each) => only.fits({ ...each, id: '' })),
  };
}

function withMarks(contract: ContractDocument, safe: ReadonlySet<string> = new Set()): ContractDocument {
  const operations = contract.operations.map((operation) =>
    safe.has(operation.id) && !isSafe(operation) && !removingMethods.has(operation.method)
      ? { ...operation, safe: true as const }
      : operation,
  );
  return { ...contract, operations };
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => realpath(path).catch(() => undefined)));
  return first !== undefined && first === second;
}

function count({ operations, refused }: ContractDocument): number {
  return operations.length + refused.length;
}

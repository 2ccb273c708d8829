import { bundle } from './references/bundle.js';
import { describeOperations } from './describe/describe-operations.js';
import type { OperationsDescription } from './describe/operation-description.js';
import { DocumentLoader } from './document/document-loader.js';
import { member, memberObject, memberText, type JsonObject } from './document/json.js';
import { lintStructure } from './document/lint.js';
import { ContractError } from './document/location.js';
import { defaultLimits, type ParseLimits } from './document/parse-document.js';
import { convertSwagger2 } from './document/swagger2.js';
import { applyOverlay } from './overlay/apply-overlay.js';
import type { OverlaySource } from './overlay/read-overlay.js';

export interface ReadContractOptions extends Partial<ParseLimits> {
  /** Follow references to other hosts. Off, since a contract is text from outside. @default false */
  readonly allowRemote?: boolean;
  /** File names in messages are relative to this folder. @default the working directory */
  readonly cwd?: string;
  /** References may lead to files in this folder, which holds the contract. @default the folder of the contract */
  readonly root?: string;
  /** Read this text as the content of the file, for a file that is about to be written. */
  readonly text?: string;
  /** OpenAPI Overlays that change the first document, in their order, before anything else is read from it. @default none */
  readonly overlays?: readonly OverlaySource[];
  /** Check the document against the structure of its version. @default true */
  readonly lint?: boolean;
}

export interface ContractDocument extends OperationsDescription {
  readonly title: string;
  readonly version: string;
  /** The version in which the file was written: `2.0`, `3.0`, `3.1` or `3.2`. */
  readonly openapi: string;
  /** The document as it was written, all its files in one. */
  readonly bundled: JsonObject;
  /** True if it was bundled from more than one file. */
  readonly isFolded: boolean;
  /** The first file as it was written. */
  readonly text: string;
}

/**
 * Reads an OpenAPI document (2.0, 3.0, 3.1 or 3.2; YAML or JSON; one file or many) and describes its operations in one dialect.
 * @param source path, or `http:` or `https:` URL
 *
 * Files outside the folder of the document (or the one that `root` names) and other hosts are not read. Mistakes that concern one operation are in `refused`.
 * @throws {ContractError} with file, line and column, when the file is no OpenAPI document
 */
export async function readContract(source: string, options: ReadContractOptions = {}): Promise<ContractDocument> {
  const limits: ParseLimits = {
    maxBytes: options.maxBytes ?? defaultLimits.maxBytes,
    maxDepth: options.maxDepth ?? defaultLimits.maxDepth,
    maxNodes: options.maxNodes ?? defaultLimits.maxNodes,
    maxAliased: options.maxAliased ?? defaultLimits.maxAliased,
  };
  const loader = await DocumentLoader.open(source, {
    limits,
    allowRemote: options.allowRemote ?? false,
    cwd: options.cwd ?? process.cwd(),
    ...(options.root === undefined ? {} : { root: options.root }),
  });
  const written = await loader.entry(source, options.text);
  const { overlays = [] } = options;
  const value = overlays.reduce<unknown>((changed, overlay) => applyOverlay(changed, overlay, limits), written.value);
  const entry = { ...written, value };
  const { document: bundled, unresolved, warnings, isFolded } = await bundle(entry, loader);
  const openapi = versionOf(bundled, entry.file);
  const linted = options.lint === false ? [] : await lintStructure(bundled, entry.file);
  const converted: JsonObject =
    openapi === '2.0' ? convertSwagger2(bundled, (warning) => linted.push(warning)) : bundled;
  const described = describeOperations({ document: converted, file: entry.file, unresolved });
  const info = memberObject(bundled, 'info');
  return {
    ...described,
    title: memberText(info, 'title') ?? 'Untitled',
    version: memberText(info, 'version') ?? '0',
    openapi,
    bundled,
    isFolded,
    text: entry.text,
    warnings: [...loader.warnings, ...warnings, ...linted, ...described.warnings],
  };
}

function versionOf(document: JsonObject, file: string): string {
  const version = member(document, 'openapi') ?? member(document, 'swagger');
  const text = typeof version === 'string' || typeof version === 'number' ? String(version) : undefined;
  const location = { file, line: 1, column: 1 };
  if (text === undefined)
    throw new ContractError(
      'this is no OpenAPI document: it has neither `openapi: 3.x` nor `swagger: "2.0"`',
      location,
    );
  const known =
    /^(3\.[012])(\.|$)/.exec(text)?.[1] ??
    (/^2(\.0)?$/.test(text) && Object.hasOwn(document, 'swagger') ? '2.0' : undefined);
  if (known === undefined)
    throw new ContractError(`OpenAPI ${text} is not known; known are 2.0, 3.0, 3.1 and 3.2`, location);
  return known;
}

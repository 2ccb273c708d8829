import { readFile } from 'node:fs/promises';
import { readContract } from '@frontage/contracts';
import { OpenApiTypescriptEmitter } from '../codegen/type-emitter.js';
import { hooksSource } from './hooks-source.js';
import { runtimeName, runtimeSource } from './runtime-source.js';
import type { LeftOut } from './sdk-operations.js';
import { sdkSource } from './sdk-source.js';

export interface SdkFiles {
  /** Text by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The name of the interface of the client: `Mobile`. */
  readonly client: string;
  /** The names of its functions and their types, by `GET /orders/{id}`. */
  readonly named: ReadonlyMap<
    string,
    { readonly name: string; readonly data: string; readonly missing: string | undefined }
  >;
  readonly leftOut: readonly LeftOut[];
}

export interface SdkOptions {
  /** The file with the document of the BFF. */
  readonly document: string;
  /** The name of the app. */
  readonly bff: string;
  readonly hasHooks: boolean;
  /** The end of the names of imported modules: `.js`, `.ts` or nothing. */
  readonly importEnd: string;
}

/** The files of a client. The same document gives the same bytes. @throws {ContractError} for a document that cannot be read */
export async function sdkFiles({ document, bff, hasHooks, importEnd }: SdkOptions): Promise<SdkFiles> {
  const contract = await readContract(document, { text: await readFile(document, 'utf8'), lint: false });
  const source = await sdkSource({ bff, contract, importEnd }, new OpenApiTypescriptEmitter());
  return {
    files: new Map([
      [`${runtimeName}.ts`, runtimeSource()],
      [`${bff}.gen.ts`, source.text],
      ...(hasHooks ? [[`${bff}.hooks.gen.ts`, hooksSource(bff, source, importEnd)] as const] : []),
    ]),
    client: source.client,
    named: new Map(
      source.operations.map(({ operation: { name, description }, names: { data, missing } }) => [
        `${description.method} ${description.path}`,
        { name, data, missing },
      ]),
    ),
    leftOut: source.leftOut,
  };
}

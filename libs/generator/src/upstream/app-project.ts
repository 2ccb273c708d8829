import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../workspace/upstream-folders.js';
import { JsonFile } from '../workspace/json-file.js';
import { hasLibs, packageRange } from '../workspace/layout.js';

/** The words that import an upstream of one app: `#upstreams/orders`. */
const importPattern = '#upstreams/*';

const targets = {
  '@frontage/source': './upstreams/*/*.gen.ts',
  types: './dist/upstreams/*/*.gen.d.ts',
  default: './dist/upstreams/*/*.gen.js',
};

const project = (root: string): string => `{
  "extends": "../../../tsconfig.base.json",
  "compilerOptions": {
    "rootDir": ".",
    "outDir": "../dist/upstreams",
    "tsBuildInfoFile": "../dist/upstreams/.tsbuildinfo"
  },
  "include": ["*/*.gen.ts"]${hasLibs(root) ? ',\n  "references": [{ "path": "../../../libs/clients" }]' : ''}
}
`;

const reference = { path: './upstreams' };

/**
 * The files that let an app import its own upstreams: their TypeScript project, the reference to it, and the words of the import.
 * @param app its folder, such as `apps/tv`
 * @returns new text by path; empty where all is there already, or the folder is no TypeScript project
 * @throws {UsageError} naming file, line and column where a file is no JSON
 */
export async function appProjectFiles(root: string, app: string): Promise<Map<string, string>> {
  const folder = join(root, app);
  const [settings, manifest] = await Promise.all(
    ['tsconfig.json', 'package.json'].map((file) => readIfThere(join(folder, file))),
  );
  if (settings === undefined || manifest === undefined) return new Map();
  const referring = withReference(new JsonFile(`${app}/tsconfig.json`, settings));
  const importing = withImports(`${app}/package.json`, manifest, packageRange(root));
  const files = new Map<string, string>();
  if (!existsSync(join(folder, 'upstreams/tsconfig.json')))
    files.set(join(folder, 'upstreams/tsconfig.json'), project(root));
  if (referring !== settings) files.set(join(folder, 'tsconfig.json'), referring);
  if (importing !== manifest) files.set(join(folder, 'package.json'), importing);
  return files;
}

function withReference(file: JsonFile): string {
  const references = file.read('references');
  if (!Array.isArray(references)) return file.withRootMember('references', [reference]);
  const isThere = references.some(
    (one: unknown) => typeof one === 'object' && one !== null && 'path' in one && one.path === reference.path,
  );
  return isThere ? file.text : file.withItem('references', reference);
}

function withImports(name: string, manifest: string, range: string): string {
  const file = new JsonFile(name, manifest);
  const imports = membersOf(file.read('imports'));
  let text = manifest;
  if (imports === undefined) text = file.withRootMember('imports', { [importPattern]: targets }, 'type');
  else if (!imports.includes(importPattern)) text = file.withMember('imports', importPattern, targets);
  const next = new JsonFile(name, text);
  const dependencies = membersOf(next.read('dependencies'));
  const clients = '@frontage/clients';
  if (dependencies === undefined) return next.withRootMember('dependencies', { [clients]: range });
  if (dependencies.includes(clients)) return text;
  return next.withMember(
    'dependencies',
    clients,
    range,
    dependencies.findLast((one) => one < clients),
  );
}

const membersOf = (value: unknown): readonly string[] | undefined =>
  typeof value === 'object' && value !== null ? Object.keys(value) : undefined;

/** The files after the last upstream of an app is gone: a TypeScript project without files is an error. */
export async function withoutAppProject(root: string, app: string): Promise<Map<string, string>> {
  const path = join(root, app, 'tsconfig.json');
  const text = await readIfThere(path);
  if (text === undefined) return new Map();
  return new Map([[path, new JsonFile(`${app}/tsconfig.json`, text).withoutItem('references', reference.path)]]);
}

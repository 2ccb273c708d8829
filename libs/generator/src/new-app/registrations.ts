import { join } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { JsonFile } from '../workspace/json-file.js';
import { readIfThere } from '../workspace/upstream-folders.js';

/** The files of a workspace that list its apps. */
export interface Listings {
  /** `nest-cli.json` */
  readonly nest: JsonFile;
  /** `tsconfig.json` */
  readonly projects: JsonFile;
}

/** @throws {UsageError} where one of them is missing, or is no JSON */
export async function readListings(root: string): Promise<Listings> {
  return { nest: await readJson(root, 'nest-cli.json'), projects: await readJson(root, 'tsconfig.json') };
}

/** Lists that have the name: a sentence each. */
export function* registrations(name: string, { nest, projects }: Listings): Generator<string> {
  if (Object.hasOwn(record(nest.read('projects')), name)) yield `${nest.file} has a project ${name} already`;
  const references = projects.read('references');
  const paths = Array.isArray(references) ? references.map((one: unknown) => record(one)['path']) : [];
  if (paths.includes(`apps/${name}`)) yield `${projects.file} has a reference to apps/${name} already`;
}

/** The text of `nest-cli.json` with an app more, which is the default one where the workspace has no other. */
export function withProject(nest: JsonFile, name: string): string {
  // Apps stand together, before the libs.
  const others = applications(nest);
  const added = nest.withMember('projects', name, nestProject(name), others.at(-1));
  return others.length === 0 ? withDefault(new JsonFile(nest.file, added), name) : added;
}

/** The text of `nest-cli.json` without an app; where it was the default one, the first of the others is. */
export function withoutProject(nest: JsonFile, name: string): string {
  const removed = nest.withoutMember('projects', name);
  const next = applications(nest).find((other) => other !== name);
  const isDefault = nest.read('root') === `apps/${name}`;
  return isDefault && next !== undefined ? withDefault(new JsonFile(nest.file, removed), next) : removed;
}

/** The project that the Nest CLI takes where none is named. */
function withDefault(nest: JsonFile, name: string): string {
  const { root, sourceRoot, compilerOptions } = nestProject(name);
  const places: readonly (readonly [way: readonly string[], value: string])[] = [
    [['root'], root],
    [['sourceRoot'], sourceRoot],
    [['compilerOptions', 'tsConfigPath'], compilerOptions.tsConfigPath],
  ];
  return places.reduce((text, [way, value]) => new JsonFile(nest.file, text).withText(way, value), nest.text);
}

const applications = (nest: JsonFile): readonly string[] =>
  Object.entries(record(nest.read('projects'))).flatMap(([name, project]) =>
    record(project)['type'] === 'application' ? [name] : [],
  );

const nestProject = (name: string) => ({
  type: 'application',
  root: `apps/${name}`,
  entryFile: 'main',
  sourceRoot: `apps/${name}/src`,
  compilerOptions: { tsConfigPath: `apps/${name}/tsconfig.json` },
});

async function readJson(root: string, file: string): Promise<JsonFile> {
  const text = await readIfThere(join(root, file));
  if (text === undefined) throw new UsageError(`there is no ${file} in ${root}; the apps are listed in it`);
  return new JsonFile(file, text);
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

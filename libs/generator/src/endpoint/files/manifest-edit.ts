import { JsonFile } from '../../workspace/json-file.js';

const packageName = '@frontage/upstreams';

/** The `package.json` of an app with the package of the shared clients. */
export function withUpstreamsPackage(file: string, text: string): string {
  const manifest = new JsonFile(file, text);
  const dependencies = manifest.read('dependencies');
  if (typeof dependencies !== 'object' || dependencies === null)
    return manifest.withRootMember('dependencies', { [packageName]: '*' });
  const names = Object.keys(dependencies);
  if (names.includes(packageName)) return text;
  return manifest.withMember(
    'dependencies',
    packageName,
    '*',
    names.findLast((one) => one < packageName),
  );
}

/**
 * The `tsconfig.json` of an app with the project of the shared clients.
 * @param layout the folder of the contracts from the root: `libs/upstreams`
 */
export function withUpstreamsProject(file: string, text: string, layout: string): string {
  const reference = { path: `../../${layout}` };
  const settings = new JsonFile(file, text);
  const references = settings.read('references');
  if (!Array.isArray(references)) return settings.withRootMember('references', [reference]);
  const isThere = references.some(
    (one: unknown) => typeof one === 'object' && one !== null && 'path' in one && one.path === reference.path,
  );
  return isThere ? text : settings.withItem('references', reference);
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProductionPackage } from './bundle/production-packages.js';
import { licenceOf } from './licences.js';
import { jsonText, type LockedPackages } from './packed-lock.js';

export interface SbomOptions {
  /** Real path of the workspace. */
  readonly root: string;
  readonly app: ProductionPackage;
  /** Packages in the bundle with their files, the app among them. */
  readonly used: ReadonlyMap<ProductionPackage, readonly string[]>;
  /** Packages that are installed beside it. */
  readonly outside: readonly ProductionPackage[];
  readonly lock: LockedPackages;
}

/**
 * The list of packages as CycloneDX 1.6. It has no time and a number made of its content: equal packs have equal lists. The hash of a package
 * from a registry is that of its archive, from the lock file; that of a package of the workspace is over its files in the bundle.
 */
export function sbom(options: SbomOptions): string {
  const { app, used, outside } = options;
  const packages = [...new Set([...used.keys(), ...outside])].filter(({ folder }) => folder !== app.folder);
  const content = {
    metadata: {
      component: { ...component(app, 'application', options), 'bom-ref': reference(app) },
      tools: { components: [{ type: 'application', name: 'frontage pack' }] },
    },
    components: packages.map((each) => component(each, 'library', options)),
    dependencies: [app, ...packages].map((each) => ({ ref: reference(each), dependsOn: neededBy(each, packages) })),
  };
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return jsonText({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    ...content,
  });
}

function component(
  each: ProductionPackage,
  type: 'application' | 'library',
  { root, used, lock }: SbomOptions,
): object {
  const [scope, name] = each.name.startsWith('@') ? each.name.split('/', 2) : [undefined, each.name];
  return {
    type,
    'bom-ref': reference(each),
    ...(scope !== undefined && { group: scope }),
    name,
    version: each.version,
    licenses: licences(licenceOf(each)),
    hashes: hashes(lock[each.path]?.integrity) ?? [filesHash(root, used.get(each) ?? [])],
    ...(!each.isOfWorkspace && { purl: packageUrl(each) }),
  };
}

const packageUrl = ({ name, version }: ProductionPackage): string =>
  `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;

/** The place tells two installations of the same version apart. */
const reference = (each: ProductionPackage): string => `${each.path}@${each.version}`;

function licences(licence: string | undefined): object[] {
  if (licence === undefined) return [];
  if (/^[\w.+-]+$/.test(licence)) return [{ license: { id: licence } }];
  return /\b(?:AND|OR|WITH)\b/.test(licence) ? [{ expression: licence }] : [{ license: { name: licence } }];
}

const algorithms = new Map([
  ['sha512', 'SHA-512'],
  ['sha384', 'SHA-384'],
  ['sha256', 'SHA-256'],
  ['sha1', 'SHA-1'],
]);

/** Of a Subresource Integrity text, as lock files have it. */
function hashes(integrity: string | undefined): object[] | undefined {
  const found = (integrity ?? '').split(/\s+/).flatMap((text) => {
    const [name = '', value = ''] = text.split('-', 2);
    const alg = algorithms.get(name);
    return alg === undefined ? [] : [{ alg, content: Buffer.from(value, 'base64').toString('hex') }];
  });
  return found.length === 0 ? undefined : found;
}

function filesHash(root: string, files: readonly string[]): object {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
  return { alg: 'SHA-256', content: hash.digest('hex') };
}

function neededBy(each: ProductionPackage, packages: readonly ProductionPackage[]): string[] {
  const needs = new Set(each.needs);
  return packages.filter(({ folder }) => needs.has(folder)).map(reference);
}

/** Version 8 of RFC 9562: made of data, not of a time or by chance. */
function uuidOf(digest: string): string {
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const hex = `${digest.slice(0, 12)}8${digest.slice(13, 16)}${variant}${digest.slice(17, 32)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

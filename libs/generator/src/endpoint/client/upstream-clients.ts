import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { meant } from '../../dev/built-app.js';
import { UsageError } from '../../terminal/command.errors.js';
import { upstreamsPath } from '../../workspace/layout.js';

/** The generated client of an upstream, as an app imports it. */
export interface UpstreamClient {
  /** Of the upstream: `orders`, `orders@2`. */
  readonly name: string;
  /** The word of the import: `orders` of `import * as orders`. */
  readonly alias: string;
  /** `@frontage/upstreams/orders`, or `#upstreams/orders` for one of the app's own. */
  readonly specifier: string;
  readonly isOwn: boolean;
  readonly folder: string;
  /** `<name>.gen.ts` */
  readonly file: string;
  /** The file from the root of the workspace, for messages. */
  readonly shown: string;
}

/** The clients that an app can import: its own, and those of all apps; its own one of a name hides the other. */
export function upstreamClients(root: string, app: string): readonly UpstreamClient[] {
  const shared = clientsIn(root, upstreamsPath(root), false);
  const own = clientsIn(root, join(root, 'apps', app, 'upstreams'), true);
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...shared.filter(({ name }) => !names.has(name))].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws {UsageError} that suggests a name, or says how an upstream is added */
export function findClient(clients: readonly UpstreamClient[], name: string): UpstreamClient {
  const found = clients.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = clients.map((one) => one.name);
  throw new UsageError(
    `there is no upstream ${name}${meant(name, known)}\nA new one is added by: npx frontage upstream add ${name || '<name>'} <file or URL>`,
  );
}

function clientsIn(root: string, folder: string, isOwn: boolean): UpstreamClient[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, `${name}.gen.ts`)))
    .map((name) => {
      const file = join(folder, name, `${name}.gen.ts`);
      return {
        name,
        alias: aliasOf(name),
        specifier: `${isOwn ? '#upstreams' : '@frontage/upstreams'}/${name}`,
        isOwn,
        folder: join(folder, name),
        file,
        shown: relative(root, file).replaceAll(sep, '/'),
      };
    });
}

/** `order-history` is `orderHistory`, `orders@2` is `orders2`. */
const aliasOf = (name: string): string => {
  const words = name.split(/[^a-z0-9]+/i).filter((word) => word !== '');
  const alias = words.map((word, index) => (index === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`)).join('');
  return reserved.has(alias) ? `${alias}Service` : alias;
};

/** Words that cannot name a variable of a module, and those that a screen has of its own. */
export const reserved: ReadonlySet<string> = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super switch this throw
  true try typeof undefined var void while with yield async of
  caller path query header body given inputOf list optional orNull pick plan required screen within write fixed Caller Screen`.split(
    /\s+/,
  ),
);

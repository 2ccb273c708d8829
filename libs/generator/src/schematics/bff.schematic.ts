import { relative, sep } from 'node:path';
import { planApp } from '../new-app/new-app.js';
import { UsageError } from '../terminal/command.errors.js';
import { findWorkspace } from '../workspace/workspace.js';

/** The files of a run of schematics, as far as this one writes them (`Tree` of `@angular-devkit/schematics`). */
export interface SchematicTree {
  exists(path: string): boolean;
  create(path: string, content: Buffer | string): void;
  overwrite(path: string, content: Buffer | string): void;
}

export interface BffOptions {
  readonly name: string;
  /** @default web */
  readonly client?: string;
  /** The same as `client`: the Nest CLI passes on no other option for it. */
  readonly type?: string;
  readonly port?: number;
}

/**
 * `nest g -c @frontage/generator bff tv`: the app that `frontage new` makes, as changes of the tree of the Nest CLI, so that its
 * `--dry-run` works. Run it in the root of the workspace.
 * @returns a rule of schematics; it throws a {UsageError} that names every obstacle
 */
export function bff({ name, client, type, port }: BffOptions): (tree: SchematicTree) => Promise<void> {
  return async (tree) => {
    const root = findWorkspace(process.cwd());
    if (root !== process.cwd()) throw new UsageError(`run it in the root of the workspace: cd ${root}`);
    const app = await planApp(root, { name, client: client ?? type ?? 'web', ...(port !== undefined && { port }) });
    for (const [path, content] of app.files) {
      const data = typeof content === 'string' ? content : Buffer.from(content.data);
      const place = `/${relative(root, path).replaceAll(sep, '/')}`;
      if (tree.exists(place)) tree.overwrite(place, data);
      else tree.create(place, data);
    }
  };
}

import { planApp } from '../new-app/new-app.js';
import { workspaceOfSchematic, writeInto, type SchematicTree } from './schematic-tree.js';

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
    const root = workspaceOfSchematic();
    const app = await planApp(root, { name, client: client ?? type ?? 'web', ...(port !== undefined && { port }) });
    writeInto(tree, root, app.files);
  };
}

import { endpointFiles, checkNothingLost, withAppRecord } from '../endpoint/endpoint.js';
import { requestedScreen } from '../endpoint/endpoint-request.js';
import { UsageError } from '../terminal/command.errors.js';
import { workspaceOfSchematic, writeInto, type SchematicTree } from './schematic-tree.js';

export interface EndpointOptions {
  /** `profile`, or with its app `tv/profile`. */
  readonly name: string;
  /** The app; the Nest CLI asks for it. */
  readonly project?: string;
  /** `users.getUser,orders.listOrders` */
  readonly calls?: string;
  /** The same as `calls`: the second word behind the schematic, which the Nest CLI passes on under this name. */
  readonly path?: string;
  /** Operations that the screen can do without. The Nest CLI passes on no other option for them. */
  readonly type?: string;
}

/**
 * `nest g -c @frontage/generator endpoint profile users.getUser,orders.listOrders --project tv`: the screen that `frontage endpoint` makes,
 * as changes of the tree of the Nest CLI, so that its `--dry-run` works. Run it in the root of the workspace.
 * @returns a rule of schematics; it throws a {UsageError} that names every obstacle
 */
export function endpoint({
  name,
  project,
  calls,
  path,
  type,
}: EndpointOptions): (tree: SchematicTree) => Promise<void> {
  return async (tree) => {
    const root = workspaceOfSchematic();
    const target = name.includes('/') || project === undefined ? name : `${project}/${name}`;
    const [required, optional] = [namesOf(calls ?? path), namesOf(type)];
    if (required.length + optional.length === 0)
      throw new UsageError(
        `name the operations behind the screen: nest g -c @frontage/generator endpoint ${target.split('/').at(-1) ?? ''} users.getUser,orders.listOrders --project ${target.split('/')[0] ?? ''}`,
      );
    const planned = await endpointFiles(root, await requestedScreen(root, { target, calls: required, optional }));
    await checkNothingLost(root, planned);
    const { files } = await withAppRecord(root, planned);
    writeInto(tree, root, files);
  };
}

const namesOf = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

import { fieldPathText, type Argument, type CallNode, type FieldPath } from '../model/nodes.js';
import { requiredArguments } from '../plan/required-arguments.js';
import type { MustHave } from '../run/compiled.js';
import type { FieldShapes } from '../schema/field-shapes.js';

/**
 * The values that a call needs: parameters that must be there, and for a read that can be skipped the members that its body must have.
 */
export function neededValues(node: CallNode, shapes: FieldShapes): readonly MustHave[] {
  const parameters = requiredArguments(node).map(({ group, name, field }) => needed([group, name], field, shapes));
  if (node.need !== 'optional' || node.args.kind !== 'object') return parameters;
  const body = node.args.members.find(([group]) => group === 'body')?.[1];
  if (body === undefined) return parameters;
  const inBody = referencesIn(body, [])
    .filter(({ path }) => path.length > 0 && shapes.needsInBody(node.operation, path))
    .map(({ path, field }) => needed(['body', ...path], field, shapes));
  return [...parameters, ...inBody];
}

function needed(path: readonly string[], field: FieldPath, shapes: FieldShapes): MustHave {
  let known: boolean | undefined;
  return {
    path,
    ...(field.node.kind === 'input' && { input: fieldPathText(field) }),
    mayBeNil: () => (known ??= shapes.mayBeNil(field)),
  };
}

function referencesIn(
  argument: Argument,
  path: readonly string[],
): readonly { readonly path: readonly string[]; readonly field: FieldPath }[] {
  if (argument.kind === 'reference') return [{ path, field: argument.field }];
  if (argument.kind === 'list') return argument.items.flatMap((item, at) => referencesIn(item, [...path, String(at)]));
  return argument.kind === 'object'
    ? argument.members.flatMap(([key, member]) => referencesIn(member, [...path, key]))
    : [];
}

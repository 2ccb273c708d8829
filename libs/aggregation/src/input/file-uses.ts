import { fieldPathsIn } from '../model/arguments.js';
import { callsOf, nodeText, type CallNode, type FieldPath, type PartNode } from '../model/nodes.js';
import { branchesOf } from '../view/expression-branches.js';
import type { Expression } from '../view/expressions.js';
import type { Screen } from '../view/screen.js';
import { formMembersOf } from './contract-input.js';

/**
 * Uses of the files of a form that cannot work: a stream is read once, by one write, and is no value of a view. One line each, naming the
 * file and what to write instead.
 */
export function fileMistakes({ plan, view }: Screen<unknown>): readonly string[] {
  const members = plan.inputs['body'] && formMembersOf(plan.inputs['body']);
  const files = new Set([...(members ?? [])].flatMap(([name, { isFile }]) => (isFile ? [name] : [])));
  if (files.size === 0) return [];
  const fileIn = ({ node, path: [group, name] }: FieldPath): string | undefined =>
    node.kind === 'input' && group === 'body' && (name === undefined || files.has(name))
      ? ['body', ...(name === undefined ? [] : [name])].join('.')
      : undefined;
  const uses = plan.parts.flatMap(({ node }) =>
    callsOf(node).flatMap((call) => {
      const file = fieldPathsIn(call.args)
        .map(fileIn)
        .find((found) => found !== undefined);
      return file === undefined ? [] : [{ file, call, node }];
    }),
  );
  const [first, second] = uses;
  return [
    ...uses.flatMap(({ file, call, node }) => {
      const why = whyNotSent(call, node);
      return why === undefined ? [] : [`${call.operation.id} at ${call.source} sends the file ${file} ${why}`];
    }),
    ...(first === undefined || second === undefined
      ? []
      : [
          `${nodeText(first.node)} and ${nodeText(second.node)} at ${second.call.source} both send files of the body: they arrive once and in an order that the client chooses, so one write takes all of them`,
        ]),
    ...fileReads(view, files).map(
      (file) =>
        `the view of '${plan.name}' reads the file ${file}: a file is sent to a service, and a view has its response`,
    ),
  ];
}

function whyNotSent(call: CallNode, node: PartNode): string | undefined {
  if (node.kind !== 'call') return 'more than once: it arrives once, so a write(...) beside each(...) takes it';
  if (call !== node) return 'as a fallback or an undo, when it has been read already';
  return call.need === 'write' ? undefined : 'in a read, which may be sent again: write(...) takes it';
}

/** The files that an expression reads: `body.file`. */
function fileReads(e: Expression, files: ReadonlySet<string>): readonly string[] {
  const path = inputPath(e);
  if (path === undefined) {
    if (e.kind === 'item') return [];
    const { source, computed, shown, lookedAt } = branchesOf(e);
    // Going through the body to one of its members reads no file.
    const passed = source === undefined || source.kind === 'input' ? [] : [source];
    return [...new Set([...computed, ...shown, ...lookedAt, ...passed].flatMap((one) => fileReads(one, files)))];
  }
  const [group, name] = path;
  if (group !== 'body' || (name !== undefined && !files.has(name))) return [];
  return [path.join('.')];
}

function inputPath(e: Expression): readonly string[] | undefined {
  if (e.kind === 'input') return [e.name];
  const above = e.kind === 'field' ? inputPath(e.of) : undefined;
  return above === undefined || e.kind !== 'field' ? undefined : [...above, e.key];
}

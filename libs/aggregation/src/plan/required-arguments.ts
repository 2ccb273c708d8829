import type { OperationInfo } from '@frontage/core';
import { callsOf, fieldPathText, type Argument, type CallNode, type FieldPath, type PartNode } from '../model/nodes.js';
import { fieldPathsOf } from './plan-check.js';
import type { AnyPlan } from './plan.js';

/** A parameter without which a call is not sent, and the reference that it gets its value from. */
export interface RequiredArgument {
  readonly group: 'path' | 'query' | 'header' | 'cookie';
  readonly name: string;
  readonly field: FieldPath;
}

/**
 * The parameters of a call that must have a value. Without this check, an upstream that leaves a member out would turn "the orders of this
 * customer" into "the orders of every customer".
 */
export function requiredArguments({ args, operation }: CallNode): readonly RequiredArgument[] {
  if (args.kind !== 'object') return [];
  return args.members.flatMap(([group, members]) => {
    if (
      members.kind !== 'object' ||
      (group !== 'path' && group !== 'query' && group !== 'header' && group !== 'cookie')
    )
      return [];
    return members.members.flatMap(([name, argument]) => {
      // A derived key has no value where the first of its values has none.
      return isRequired(operation, group, name) ? fieldsNeeded(argument).map((field) => ({ group, name, field })) : [];
    });
  });
}

/** The references without which an argument has no value. */
function fieldsNeeded(argument: Argument): readonly FieldPath[] {
  switch (argument.kind) {
    case 'reference':
      return [argument.field];
    case 'key': {
      const [first] = argument.of;
      return first === undefined ? [] : fieldsNeeded(first);
    }
    default:
      return [];
  }
}

const isRequired = (operation: OperationInfo, group: string, name: string): boolean =>
  group === 'path' ||
  operation.parameters?.some((known) => known.in === group && known.name === name && known.required === true) === true;

/** A member of the input without which a call of the plan cannot be sent. */
export interface RequiredInput {
  /** The group of the input: `caller`. */
  readonly group: string;
  /** `caller.subject` */
  readonly text: string;
  /** file:line:column of the call. */
  readonly source: string;
}

/** Every field path that a plan reads of one group of its input: `['claims', 'plan']` for `caller.claims.plan`. */
export function inputReads(plan: AnyPlan, group: string): readonly (readonly string[])[] {
  return plan.parts
    .flatMap(({ node }) => [...stepsOf(node), node])
    .flatMap(fieldPathsOf)
    .flatMap(({ node, path: [first, ...rest] }) => (node.kind === 'input' && first === group ? [rest] : []));
}

/** The steps that a node reads, and those that they read. */
const stepsOf = (node: PartNode): readonly PartNode[] =>
  fieldPathsOf(node).flatMap(({ node: from }) => (from.kind === 'step' ? [from, ...stepsOf(from)] : []));

/** The members of a plan's input that its calls cannot be sent without. */
export function requiredInputs(plan: AnyPlan): readonly RequiredInput[] {
  return plan.parts.flatMap(({ node }) =>
    callsOf(node).flatMap((call) =>
      requiredArguments(call).flatMap(({ field }) => {
        const [group] = field.path;
        return field.node.kind === 'input' && group !== undefined
          ? [{ group, text: fieldPathText(field), source: call.source }]
          : [];
      }),
    ),
  );
}

import { fail, type Outcome } from '@frontage/core';
import { fieldPathsIn } from '../model/arguments.js';
import { callOf, type CallNode, type PlanNode } from '../model/nodes.js';
import { responseMayBeNull } from '../schema/part-schemas.js';

const wholeNull = fail('GW_UPSTREAM_BAD_PAYLOAD', {
  detail: 'the response is null, where the contract has a value',
  made: true,
});

/**
 * Two rules for the outcome of every call. A response that is `null` as a whole is no value, unless the contract allows it. A call that
 * cannot be written is a contract violation of the upstream where all of its references come from upstreams: a path value that would climb
 * to another operation, for example. Where all of its arguments are literals of the plan, it is a mistake of ours. Otherwise the input is
 * invalid.
 */
export function compileClassification(node: CallNode): (outcome: Outcome<unknown>) => Outcome<unknown> {
  const fields = fieldPathsIn(node.args);
  const isFromUpstreams = fields.length > 0 && fields.every((field) => isOfUpstream(field.node));
  const isLiteral = fields.length === 0;
  // Looked up at first use, which is rare.
  let mayBeNull: boolean | undefined;
  return (outcome) => {
    if (outcome.ok) {
      if (outcome.value !== null) return outcome;
      mayBeNull ??= responseMayBeNull(node.operation);
      return mayBeNull ? outcome : wholeNull;
    }
    const isUnwritable = outcome.unsent === true && outcome.code === 'GW_INVALID_INPUT';
    if (!isUnwritable) return outcome;
    if (isLiteral) return { ...outcome, code: 'GW_INTERNAL' };
    return isFromUpstreams ? { ...outcome, status: 'bad_payload', code: 'GW_UPSTREAM_BAD_PAYLOAD' } : outcome;
  };
}

/** A step may make its value of anything, so it does not count as an upstream. */
function isOfUpstream(node: PlanNode): boolean {
  if (node.kind === 'item') return isOfUpstream(node.over.node);
  return node.kind !== 'input' && node.kind !== 'local' && callOf(node) !== undefined;
}

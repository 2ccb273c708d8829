import type { CallNode, FieldPath, LocalNode } from '../model/nodes.js';
import type { Expression } from './expressions.js';

/**
 * The body of an error response as an expression: like a part whose call responds with it, so that every combinator works on it, and is
 * held against its contract.
 */
const bodies = new WeakMap<LocalNode, Expression>();

/** The expression of a field of an error body; `undefined` for all other fields. */
export function errorBodyExpression({ node, path }: FieldPath): Expression | undefined {
  if (node.kind !== 'local' || node.errorBody === undefined) return undefined;
  const { operation, status } = node.errorBody;
  let of = bodies.get(node);
  if (of === undefined) {
    of = { kind: 'part', name: 'error', position: 0, node: callFor(operation, status) };
    bodies.set(node, of);
  }
  return path.reduce<Expression>((below, key) => ({ kind: 'field', of: below, key }), of);
}

/** A call whose only response is that of the status. */
const callFor = (operation: CallNode['operation'], status: string): CallNode => ({
  kind: 'call',
  need: 'required',
  operation: {
    ...operation,
    responses: operation.responses
      .filter((response) => response.status.toUpperCase() === status.toUpperCase())
      .map((response) => ({ ...response, status: 'default' })),
  },
  args: { kind: 'literal', value: undefined },
  fallbackSources: [],
  onStatus: {},
  refuseOn: {},
  after: [],
  source: '',
});

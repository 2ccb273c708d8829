import type { CallNode } from '../../model/nodes.js';

/** The value that stands in where a part is missing, and the member in which it stands; a value that is computed has none. */
export interface Instead {
  readonly member: string;
  readonly value?: unknown;
  readonly isAbsent?: true;
}

/** The response without a required part that has no fallback. */
export const noPage = 'a problem comes instead of the page';

/**
 * The response that a client gets without a part: its fallbacks first, then the problem, or the value that the view puts in its place.
 * @param instead `items` for a list whose items are parts of their own
 */
export function withoutPart(
  { need, fallbackSources, fallbackValue, when }: CallNode,
  instead: Instead | 'items' | undefined,
): string {
  const standIns = fallbackSources.map((one) =>
    one.kind === 'call'
      ? `${one.call.operation.contract.upstream}.${one.call.operation.id} stands in`
      : 'the last good response stands in',
  );
  const end =
    fallbackValue !== undefined
      ? `${fallbackValue.value === undefined ? 'nothing' : JSON.stringify(fallbackValue.value)} stands in`
      : need === 'optional' || when !== undefined
        ? insteadText(instead)
        : noPage;
  return [...standIns, end].join(', then ');
}

function insteadText(instead: Instead | 'items' | undefined): string {
  if (instead === 'items') return 'one item is missing';
  if (instead === undefined) return 'its function gets nothing';
  const member = instead.member === '' ? 'the response' : instead.member;
  if (instead.isAbsent === true) return `${member} is absent`;
  return 'value' in instead ? `${member} is ${JSON.stringify(instead.value)}` : `${member} is made of other values`;
}

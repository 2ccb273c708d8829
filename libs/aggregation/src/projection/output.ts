import type { Expression } from '../view/expressions.js';

/** The plan for assembling a response: of projected texts, of constants, and of computed members. */
export type Output =
  | { readonly kind: 'text'; readonly json: string }
  | { readonly kind: 'nothing' }
  /** One of the texts that the transcoder projected from the response of a part. */
  | { readonly kind: 'projected'; readonly part: number; readonly text: number }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: Output])[] }
  | { readonly kind: 'array'; readonly items: readonly Output[] }
  /** The items of several lists. */
  | { readonly kind: 'concat'; readonly lists: readonly Output[] }
  /** One text per item of an `each`, whose responses are documents of their own. */
  | { readonly kind: 'items'; readonly part: number; readonly body: Output; readonly omitsNothing: boolean }
  | { readonly kind: 'otherwise'; readonly of: Output; readonly other: Output }
  | { readonly kind: 'computed'; readonly expression: Expression; readonly reason: string };

type Computed = Extract<Output, { readonly kind: 'computed' }>;

export function computedIn(output: Output): readonly Computed[] {
  switch (output.kind) {
    case 'computed':
      return [output];
    case 'object':
      return output.members.flatMap(([, member]) => computedIn(member));
    case 'array':
      return output.items.flatMap(computedIn);
    case 'concat':
      return output.lists.flatMap(computedIn);
    case 'otherwise':
      return [...computedIn(output.of), ...computedIn(output.other)];
    default:
      return [];
  }
}

import type { DeepReadonly, ResponseFields } from '@frontage/core';
import type { ListMember, RowOf } from './batch.js';
import { callSite } from '../model/call-site.js';
import { oneRead, positive, recorded, typed } from './node-makers.js';
import { type Cursor, type LocalNode, type PagesNode } from '../model/nodes.js';
import { inclusion } from '../model/construction.js';
import { referTo, type Part, type Ref } from '../model/references.js';
import type { Node, PresentNode, MaybeMissingNode } from './call-types.js';

/** The members of a response that hold a text or a number: the candidates for the next cursor. */
type CursorMember<Out> = unknown extends Out
  ? PropertyKey
  : Out extends readonly unknown[]
    ? never
    : { [P in keyof Out]-?: NonNullable<Out[P]> extends string | number ? P : never }[keyof Out];

export interface PagesOptions<Out, I, N> {
  /** The member of the response that holds the items. @default the response is the list */
  readonly items?: I;
  /**
   * The member that holds the next cursor, or a function of a page, the count of pages so far and the declared headers of the response:
   * `(_, pages) => pages + 1`, `(_page, _pages, headers) => cursorInLink(headers['Link'], 'page')`. The last page gives null, undefined or an
   * empty text.
   */
  readonly next: N | ((page: DeepReadonly<Out>, pages: number, headers: ResponseFields) => Cursor);
  /** Maximum number of calls. 1 or more. */
  readonly maxPages: number;
  /** Maximum number of items. 1 or more. */
  readonly maxItems: number;
}

/**
 * One list, gathered page by page: the call gets the cursor of the page before, and no value for it the first time. Where a bound ends the
 * list, `_parts` says so: `{"status":"skipped","source":"none","from":200}`. A `required` call inside fails the page. Where an `optional`
 * call fails after the first page, the list ends there, and `_parts` names the index from which on it is missing.
 */
export function pages<T, Out, I extends ListMember<Out> = never, N extends CursorMember<Out> = never>(
  call: (cursor: Ref<never>) => Node<T, 'read', Out>,
  options: PagesOptions<NoInfer<Out>, I, N>,
): [T] extends [Part<unknown>]
  ? MaybeMissingNode<RowOf<T, I>[], 'pages', Out>
  : PresentNode<RowOf<T, I>[], 'pages', Out> {
  const source = callSite(pages);
  const what = `pages(...) at ${source}`;
  const { maxPages, maxItems, next, items } = options;
  positive(maxPages, `maxPages of ${what}`);
  positive(maxItems, `maxItems of ${what}`);
  const cursor: LocalNode = { kind: 'local', text: `the cursor of ${what}` };
  const node: PagesNode = {
    kind: 'pages',
    call: oneRead(call(typed(referTo({ node: cursor, path: [] }))), what, 'page'),
    cursor,
    ...(items !== undefined && { items: String(items) }),
    // `next` was checked against the page that the contract declares for this operation.
    next: typeof next === 'function' ? (page, count, headers) => next(page as never, count, headers) : String(next),
    maxPages,
    maxItems,
    source,
    ...inclusion(),
  };
  return recorded(node, 'pages');
}

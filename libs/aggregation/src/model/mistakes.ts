/**
 * Words of the compiler about members that values have and references do not. They are types alone: nothing of them exists at run time.
 */
export interface NotAValueYet<Why> {
  readonly 'a reference is not a value yet': Why;
}

/** Members of an array, with what to write instead: the word of views, and of plans where they have another one. */
export interface ListMistakes {
  readonly map: NotAValueYet<'write list(items, (item) => ...), or each(items, (item) => ...) for a call per item'>;
  readonly flatMap: NotAValueYet<'write flatten(list(items, (item) => item.items))'>;
  readonly forEach: NotAValueYet<'write list(items, (item) => ...), or each(items, (item) => ...) for a call per item'>;
  readonly filter: NotAValueYet<"write where(items, ['member'], ({ member }) => ...)">;
  readonly find: NotAValueYet<"write first(where(items, ['member'], ({ member }) => ...))">;
  readonly some: NotAValueYet<'write test({ items }, ({ items }) => items.some(...))'>;
  readonly every: NotAValueYet<'write test({ items }, ({ items }) => items.every(...))'>;
  readonly includes: NotAValueYet<'write test({ items }, ({ items }) => items.includes(...))'>;
  readonly length: NotAValueYet<'write count(items)'>;
  readonly slice: NotAValueYet<'write take(items, count)'>;
  readonly sort: NotAValueYet<"write sortBy(items, 'member')">;
  readonly toSorted: NotAValueYet<"write sortBy(items, 'member')">;
  readonly reduce: NotAValueYet<"write sum(items, 'member'), or compute(schema, { items }, ({ items }) => ...)">;
  readonly join: NotAValueYet<'write text`${items}`, which has commas, or compute(schema, { items }, ({ items }) => ...)'>;
  readonly concat: NotAValueYet<'write concat(items, others)'>;
  readonly 0: NotAValueYet<'write first(items), or at(indexBy(items, member), key)'>;
}

declare const words: unique symbol;

/** Stands beside the reference to a scalar, so that the compiler names the words in its place: those that choose, join and compute. */
export interface ComputeWith<out Words> {
  readonly [words]?: Words;
}

declare const absence: unique symbol;

/** Stands beside the reference to a member that may be absent, so that the compiler says why it does not fit where a value is needed. */
export interface MayBeAbsent<out Why> {
  readonly [absence]?: Why;
}

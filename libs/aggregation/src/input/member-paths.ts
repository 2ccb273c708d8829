/** Members of an input by name, and members within them by path: `lines.price` is that of each item where `lines` is a list. */
export type MemberOf<T> = T extends object ? keyof T & string : never;

/** A path that the contract has; for another one the names that it has at that place, so that the compiler prints them. */
export type KnownMember<T, P> =
  P extends MemberOf<T>
    ? P
    : P extends `${infer Head}.${infer Rest}`
      ? Head extends MemberOf<T>
        ? KnownWithin<Head, Within<At<T, Head>>, Rest>
        : MemberOf<T>
      : MemberOf<T>;
type KnownWithin<Head extends string, V, Rest> = [MemberOf<V>] extends [never]
  ? Head
  : `${Head}.${KnownMember<V, Rest>}`;
type At<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;
type Nil = null | undefined;
/** The object whose members a path names: that in a list, where it is a list. */
type Within<V> = V extends Nil ? never : V extends readonly (infer E)[] ? Within<E> : V;

/** The rest of the paths that lead into a member. */
type Below<T, P, K> =
  Exclude<K, keyof T> extends infer X ? (X extends `${P & string}.${infer Rest}` ? Rest : never) : never;
type Head<T, K> = K extends keyof T ? K : K extends `${infer P}.${string}` ? P : never;

/** These members alone. */
export type PickMember<T, K> = T extends unknown
  ? { [P in keyof T as P extends Head<T, K> ? P : never]: P extends K ? T[P] : PickWithin<T[P], Below<T, P, K>> }
  : never;
type PickWithin<V, K> = V extends Nil ? V : V extends readonly (infer E)[] ? PickWithin<E, K>[] : PickMember<V, K>;

/** All members but these. */
export type OmitMember<T, K> = T extends unknown
  ? {
      [P in keyof T as P extends K ? never : P]: [Below<T, P, K>] extends [never]
        ? T[P]
        : OmitWithin<T[P], Below<T, P, K>>;
    }
  : never;
type OmitWithin<V, K> = V extends Nil ? V : V extends readonly (infer E)[] ? OmitWithin<E, K>[] : OmitMember<V, K>;

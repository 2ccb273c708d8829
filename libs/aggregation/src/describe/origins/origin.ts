/** A field of a response that a member is made of. */
export interface OriginField {
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  /** `items[].total`, or `(whole)`. */
  readonly field: string;
  /** The field decides or is computed with; absent where its bytes are sent. */
  readonly use?: 'computed';
}

/** The origin of one member of a response. */
export interface Origin {
  /** `orders[].total`; empty for the whole response. */
  readonly member: string;
  /** As the screen writes it: `recent.items[].total`, `mapEnum(profile.tier)`. */
  readonly expression: string;
  readonly from: readonly OriginField[];
  /** The member may be null, or absent, for another reason than a missing part. */
  readonly mayBe?: readonly ('null' | 'absent')[];
  /** By part: the response that a client gets without it: `suggested is null`, `a problem comes instead of the page`. */
  readonly without: Readonly<Record<string, string>>;
  /** `pii`, `confidential`: as the contracts of its fields say. */
  readonly classification?: string;
}

/** A member that several branches make, such as the kinds of a union. */
export function joinedOrigin(one: Origin, other: Origin): Origin {
  const from = [...new Map([...one.from, ...other.from].map((field) => [JSON.stringify(field), field])).values()];
  const mayBe = [...new Set([...(one.mayBe ?? []), ...(other.mayBe ?? [])])];
  const texts = [...new Set([one.expression, other.expression])];
  const classification = joinedClassification([one.classification, other.classification]);
  return {
    ...one,
    without: { ...other.without, ...one.without },
    expression: texts.join(' or '),
    from,
    ...(mayBe.length > 0 && { mayBe }),
    ...(classification !== undefined && { classification }),
  };
}

/** The words of several classifications, each once. */
export function joinedClassification(all: readonly (string | undefined)[]): string | undefined {
  const words = new Set(all.flatMap((one) => one?.split(', ') ?? []));
  return words.size === 0 ? undefined : [...words].toSorted().join(', ');
}

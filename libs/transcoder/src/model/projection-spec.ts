/**
 * The shapes to read in one JSON text, and the templates to write: data, made at start from the members that a view keeps of one response.
 * Every shape is an object of its own; templates refer to shapes by identity.
 */
export interface ProjectionSpec {
  readonly root: Shape;
  /** One text per template. */
  readonly writes: readonly Template[];
}

/** The required structure of the text. A text with another one is left to the parser. */
export type Shape = ScalarShape | ObjectShape | ListShape | EntryShape | AnyShape;

/** A string, a number, `true`, `false` or `null`. */
export interface ScalarShape {
  readonly kind: 'scalar';
}

/** An object, or `null` where that is allowed. Members that are not named here are checked to be JSON, and left out. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly nullable: boolean;
  /** A key may stand here several times, with different shapes: each of them reads it. */
  readonly members: readonly ShapeMember[];
}

export interface ShapeMember {
  /** No inherited name (`constructor`, `__proto__`): such a spec is refused with a TypeError. */
  readonly key: string;
  /** A text without it is left to the parser. */
  readonly required: boolean;
  readonly shape: Shape;
}

/** A list or `null`. Its items are written as a list of bodies. */
export interface ListShape {
  readonly kind: 'list';
  /** The shape of every item, also of those beyond `limit`. */
  readonly item: Shape;
  /** The template of one item: it refers only to shapes within `item`. */
  readonly body: Template;
  /** Only the first items up to this number are written, or left out if they give nothing; the others are only read. @default all */
  readonly limit?: number;
  /** Items whose body gives nothing are left out; otherwise `null` stands in their place. */
  readonly omitsNothing: boolean;
  /** The body gives lists: their items stand in the place of an item. `null` and nothing have no items. @default false */
  readonly flattens?: boolean;
}

/**
 * A list or `null`, of which one item is read, if it exists. Its shapes belong to the scope of this one: templates of that scope refer to
 * them. All other items are checked to be JSON, and left out.
 */
export interface EntryShape {
  readonly kind: 'entry';
  /** Index of the item: 0 for the first. */
  readonly index: number;
  readonly item: Shape;
}

/** Any JSON: it is checked, and left out. */
export interface AnyShape {
  readonly kind: 'any';
}

/**
 * A text to write. A template gives JSON, or nothing for a member that was not there. Only the body of a list refers to shapes within its
 * items.
 */
export type Template =
  | { readonly kind: 'text'; readonly json: string }
  | { readonly kind: 'nothing' }
  /** The value of the shape, written as `JSON.stringify(JSON.parse(...))` would write it: no spaces, one spelling of texts and numbers. */
  | { readonly kind: 'value'; readonly of: ScalarShape | ListShape }
  /** Members in this order; those that give nothing are left out. */
  | { readonly kind: 'object'; readonly members: readonly TemplateMember[] }
  /** Items that give nothing are written as `null`. */
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  /** The items of these lists, one list after the other. `null` and nothing have no items. */
  | { readonly kind: 'concat'; readonly lists: readonly Template[] }
  /** `null` where the object is null, nothing where it was not there, otherwise the body. */
  | { readonly kind: 'within'; readonly of: ObjectShape; readonly body: Template }
  /** The first, or the other where the first gives nothing or `null`. */
  | { readonly kind: 'otherwise'; readonly of: Template; readonly other: Template }
  /**
   * The number of items of the list, those beyond its limit and those left out included; `null` where the list is null, nothing where it
   * was not there.
   */
  | { readonly kind: 'count'; readonly of: ListShape }
  /**
   * The text of the first case with this string. Anything else (another string, another type, null, nothing) gives the other; without one,
   * the text is left to the parser. Cases and the other are texts or nothing.
   */
  | {
      readonly kind: 'choice';
      readonly of: ScalarShape;
      readonly cases: readonly ChoiceCase[];
      readonly other?: Template;
    }
  /**
   * A string: the first text, the first value, the second text and so on. Strings are joined unchanged, numbers as JavaScript prints them,
   * booleans as `true` and `false`. The text is left to the parser where a value is null, missing or of another type, and where a string
   * has half of a surrogate pair.
   */
  | {
      readonly kind: 'join';
      /** One more than there are values. Each is well-formed: without half of a surrogate pair. */
      readonly texts: readonly string[];
      readonly values: readonly JoinedValue[];
    };

export interface JoinedValue {
  readonly of: ScalarShape;
  readonly types: readonly ('string' | 'number' | 'boolean')[];
}

export interface ChoiceCase {
  /** The string as a value: its spelling in a text does not matter. */
  readonly is: string;
  readonly gives: Template;
}

export interface TemplateMember {
  readonly name: string;
  readonly value: Template;
}

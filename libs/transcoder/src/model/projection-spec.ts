/**
 * What is read of one JSON text, and what is written of it: data, made at start from what a screen keeps of one answer. Every shape is
 * an object of its own, by whose identity templates speak of what was read there.
 */
export interface ProjectionSpec {
  readonly root: Shape;
  /** One text comes out for each. */
  readonly writes: readonly Template[];
}

/** What must stand somewhere in the text. Anything else makes the projection decline. */
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
  /** None that every object has (`constructor`, `__proto__`): such a recipe is refused with a TypeError. */
  readonly key: string;
  /** Without it, the projection declines. */
  readonly required: boolean;
  readonly shape: Shape;
}

/** A list or `null`. What its items are is written as a list of bodies. */
export interface ListShape {
  readonly kind: 'list';
  /** Of every item; of those beyond `limit`, too. */
  readonly item: Shape;
  /** What is written of one item: it speaks of shapes within `item` alone. */
  readonly body: Template;
  /** Only the first so many items are written, or left out if they give nothing; those behind are read alone. @default all */
  readonly limit?: number;
  /** Items whose body gives nothing are left out; otherwise `null` stands in their place. */
  readonly omitsNothing: boolean;
}

/**
 * A list or `null`, of which one item is read, if there are so many. Its shapes belong to where this one stands: templates there speak of
 * them. All other items are checked to be JSON, and left out.
 */
export interface EntryShape {
  readonly kind: 'entry';
  /** Of the item: 0 for the first. */
  readonly index: number;
  readonly item: Shape;
}

/** Any JSON: it is checked to be that, and left out. */
export interface AnyShape {
  readonly kind: 'any';
}

/**
 * What is written. A template gives JSON, or nothing: of a member that was not there. Shapes within a list's item can be spoken of in
 * the body of that list alone.
 */
export type Template =
  | { readonly kind: 'text'; readonly json: string }
  | { readonly kind: 'nothing' }
  /** What was read there, written as `JSON.stringify(JSON.parse(...))` would: no spaces, one spelling of texts and numbers. */
  | { readonly kind: 'value'; readonly of: ScalarShape | ListShape }
  /** Members in this order; those that give nothing are left out. */
  | { readonly kind: 'object'; readonly members: readonly TemplateMember[] }
  /** Items that give nothing are written as `null`. */
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  /** `null` where the object is null, nothing where it was not there, otherwise the body. */
  | { readonly kind: 'within'; readonly of: ObjectShape; readonly body: Template }
  /** The first, or the other where the first gives nothing or `null`. */
  | { readonly kind: 'otherwise'; readonly of: Template; readonly other: Template }
  /** How many items the list has, those beyond its limit and those left out among them; `null` where it is null, nothing where it was not there. */
  | { readonly kind: 'count'; readonly of: ListShape }
  /**
   * What the first case with this string says. For anything else (another string, another type, null, nothing) the other; where there is
   * none, the projection declines. What cases and the other give are texts or nothing.
   */
  | {
      readonly kind: 'choice';
      readonly of: ScalarShape;
      readonly cases: readonly ChoiceCase[];
      readonly other?: Template;
    }
  /**
   * A string: the first text, the first value, the second text and so on. Strings are put in as they are, numbers as JavaScript prints them,
   * booleans as `true` and `false`. The projection declines where a value is of another type than it says, null, or not there, and where a
   * string has half of a surrogate pair.
   */
  | {
      readonly kind: 'join';
      /** One more than there are values. Whole: without half of a surrogate pair. */
      readonly texts: readonly string[];
      readonly values: readonly JoinedValue[];
    };

export interface JoinedValue {
  readonly of: ScalarShape;
  readonly types: readonly ('string' | 'number' | 'boolean')[];
}

export interface ChoiceCase {
  /** The string as a value: how it is spelled in a text does not matter. */
  readonly is: string;
  readonly gives: Template;
}

export interface TemplateMember {
  readonly name: string;
  readonly value: Template;
}

// A projection spec in memory. The host makes these records through the functions at the end, so that only this file knows the places of
// their fields. Nothing is ever freed: specs are compiled at start. A reference to a record may be 0 for none: test it with `if (key)`.
import { allocate } from './memory';

export namespace Held {
  /** Nothing was read. */
  export const nothing: u32 = 0;
  /** Bytes that are written unchanged. */
  export const bytes: u32 = 1;
  /** A string with escapes. */
  export const escaped: u32 = 2;
  /** A number with another spelling than JavaScript's. */
  export const number: u32 = 3;
  export const object: u32 = 4;
  export const nullObject: u32 = 5;
  /** A value that no template refers to. */
  export const unspoken: u32 = 6;
}

/** The value of a shape: its place in the input, or in the output for lists. */
@unmanaged
export class Slot {
  held: u32;
  start: usize;
  end: usize;
  /** The number of items, for a list. */
  count: u32;
}

export namespace ShapeKind {
  export const scalar: u32 = 0;
  export const object: u32 = 1;
  export const list: u32 = 2;
  export const entry: u32 = 3;
  export const any: u32 = 4;
}

@unmanaged
export class Shape {
  kind: u32;
  slot: Slot;
  /** Another shape that reads the same key. */
  sibling: Shape;
  /** For an object. */
  nullable: bool;
  keys: Key;
  /** For a list. */
  item: Region;
  body: Template;
  limit: u32;
  omitsNothing: bool;
  flattens: bool;
  /** For an entry of a list. */
  index: u32;
  entry: Shape;
}

/** A key that is read, with the first of its shapes. */
@unmanaged
export class Key {
  text: usize;
  length: usize;
  required: bool;
  shape: Shape;
  next: Key;
}

/** Shapes that are read together: of a text, or of an item of a list. They have consecutive slots. */
@unmanaged
export class Region {
  shape: Shape;
  slots: usize;
  slotsSize: usize;
  /** 0 where there is none. */
  foresight: Foresight;
}

/** The steps of a region's object: see foresee.ts. */
@unmanaged
export class Foresight {
  /** The first of the steps that an object may begin with, 0 before anything was learned. */
  first: usize;
  /** Room for steps: all of it, and the rest. */
  steps: usize;
  free: usize;
  end: usize;
  /** Objects since the room was used up. */
  misses: u32;
}

export namespace TemplateKind {
  export const nothing: u32 = 0;
  export const text: u32 = 1;
  export const value: u32 = 2;
  export const object: u32 = 3;
  export const array: u32 = 4;
  export const within: u32 = 5;
  export const otherwise: u32 = 6;
  export const count: u32 = 7;
  export const choice: u32 = 8;
  export const join: u32 = 9;
  export const concat: u32 = 10;
}

/** The types of a joined value, one bit each. */
export namespace TypeBits {
  export const string: u32 = 1;
  export const number: u32 = 2;
  export const boolean: u32 = 4;
}

@unmanaged
export class Template {
  kind: u32;
  /** The bytes, for a text. */
  text: usize;
  length: usize;
  /** The slot that a value, a count, a choice or a `within` refers to. */
  slot: Slot;
  /** The template within an object, or the first of an `otherwise`. */
  body: Template;
  /** The other template; 0 where there is none. */
  other: Template;
  /** The parts of an object, an array, a choice, a join or a `concat`. */
  parts: Part;
}

/**
 * A member with the bytes before its value (`,"name":`), an item (`,`), a case with its string, a joined text, or one of the texts to
 * write.
 */
@unmanaged
export class Part {
  prefix: usize;
  length: usize;
  value: Template;
  next: Part;
  /** The value joined after the text, and its types; 0 after the last text. */
  slot: Slot;
  types: u32;
}

/** A projection spec. `results` holds the begin and the end of each text. */
@unmanaged
export class Program {
  root: Region;
  writes: Part;
  results: usize;
}

/** The size of a Slot in bytes. */
export const slotSize: usize = offsetof<Slot>();

export function addShape(kind: u32, slot: usize, nullable: bool): usize {
  const place = allocate(offsetof<Shape>());
  if (!place) return 0;
  const shape = changetype<Shape>(place);
  shape.kind = kind;
  shape.slot = changetype<Slot>(slot);
  shape.nullable = nullable;
  return place;
}

export function completeList(
  list: usize,
  item: usize,
  body: usize,
  limit: u32,
  omitsNothing: bool,
  flattens: bool,
): void {
  const shape = changetype<Shape>(list);
  shape.item = changetype<Region>(item);
  shape.body = changetype<Template>(body);
  shape.limit = limit;
  shape.omitsNothing = omitsNothing;
  shape.flattens = flattens;
}

export function completeEntry(entry: usize, index: u32, item: usize): void {
  const shape = changetype<Shape>(entry);
  shape.index = index;
  shape.entry = changetype<Shape>(item);
}

/** Gives the key; `after` is the one before it, 0 for the first. */
export function addKey(object: usize, after: usize, text: usize, length: usize, required: bool, shape: usize): usize {
  const place = allocate(offsetof<Key>());
  if (!place) return 0;
  const key = changetype<Key>(place);
  key.text = text;
  key.length = length;
  key.required = required;
  key.shape = changetype<Shape>(shape);
  if (after) changetype<Key>(after).next = key;
  else changetype<Shape>(object).keys = key;
  return place;
}

export function addSibling(shape: usize, sibling: usize): void {
  changetype<Shape>(shape).sibling = changetype<Shape>(sibling);
}

export function addRegion(shape: usize, slots: usize, count: usize): usize {
  const place = allocate(offsetof<Region>());
  if (!place) return 0;
  const region = changetype<Region>(place);
  region.shape = changetype<Shape>(shape);
  region.slots = slots;
  region.slotsSize = count * slotSize;
  return place;
}

export function addTemplate(kind: u32, slot: usize, body: usize, other: usize, text: usize, length: usize): usize {
  const place = allocate(offsetof<Template>());
  if (!place) return 0;
  const template = changetype<Template>(place);
  template.kind = kind;
  template.slot = changetype<Slot>(slot);
  template.body = changetype<Template>(body);
  template.other = changetype<Template>(other);
  template.text = text;
  template.length = length;
  return place;
}

/** Gives the part; `after` is the one before it, 0 for the first. */
export function addPart(template: usize, after: usize, prefix: usize, length: usize, value: usize): usize {
  const place = allocate(offsetof<Part>());
  if (!place) return 0;
  const part = changetype<Part>(place);
  part.prefix = prefix;
  part.length = length;
  part.value = changetype<Template>(value);
  if (after) changetype<Part>(after).next = part;
  else if (template) changetype<Template>(template).parts = part;
  return place;
}

/** A text to join, with the value after it. */
export function addJoined(template: usize, after: usize, text: usize, length: usize, slot: usize, types: u32): usize {
  const place = addPart(template, after, text, length, 0);
  if (!place) return 0;
  const part = changetype<Part>(place);
  part.slot = changetype<Slot>(slot);
  part.types = types;
  return place;
}

export function addProgram(root: usize, writes: usize, results: usize): usize {
  const place = allocate(offsetof<Program>());
  if (!place) return 0;
  const program = changetype<Program>(place);
  program.root = changetype<Region>(root);
  program.writes = changetype<Part>(writes);
  program.results = results;
  return place;
}

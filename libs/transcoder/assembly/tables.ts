// What a recipe looks like here. The host makes these records through the functions at the end, so that only this file knows where their
// fields are. Nothing is ever freed: recipes are compiled at start. A reference to a record may be 0, for none: `if (key)` says.
import { allocate } from './memory';

export namespace Held {
  /** Nothing was read. */
  export const nothing: u32 = 0;
  /** Bytes that are written as they are. */
  export const bytes: u32 = 1;
  /** A string with escapes. */
  export const escaped: u32 = 2;
  /** A number that is not spelled as JavaScript does. */
  export const number: u32 = 3;
  export const object: u32 = 4;
  export const nullObject: u32 = 5;
  /** Something that no template speaks of. */
  export const unspoken: u32 = 6;
}

/** What was read for a shape: where it stands in the input, or in the output for lists. */
@unmanaged
export class Slot {
  held: u32;
  start: usize;
  end: usize;
  /** Of the items of a list. */
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
  /** Of an object. */
  nullable: bool;
  keys: Key;
  /** Of a list. */
  item: Region;
  body: Template;
  limit: u32;
  omitsNothing: bool;
  /** Of an entry of a list. */
  index: u32;
  entry: Shape;
}

/** A key that is read, with the first of the shapes that read it. */
@unmanaged
export class Key {
  text: usize;
  length: usize;
  required: bool;
  shape: Shape;
  next: Key;
}

/** Shapes that are read together: a text, or an item of a list. Their slots stand side by side. */
@unmanaged
export class Region {
  shape: Shape;
  slots: usize;
  slotsSize: usize;
  /** 0 where there is none. */
  foresight: Foresight;
}

/** What is foreseen of a region's object: see foresee.ts. */
@unmanaged
export class Foresight {
  /** The first of the steps that an object may begin with, 0 before anything was learned. */
  first: usize;
  /** Room for steps: all of it, and what is left. */
  steps: usize;
  free: usize;
  end: usize;
  /** Since there was room no more. */
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
}

/** What a joined value may be, a bit each. */
export namespace TypeBits {
  export const string: u32 = 1;
  export const number: u32 = 2;
  export const boolean: u32 = 4;
}

@unmanaged
export class Template {
  kind: u32;
  /** Of a text. */
  text: usize;
  length: usize;
  /** What is spoken of: by a value, a count or a choice; the object that something is within. */
  slot: Slot;
  /** What is written within an object, and the first choice. */
  body: Template;
  /** What is written otherwise; 0 where nothing may be. */
  other: Template;
  /** Of an object, an array, a choice or a join. */
  parts: Part;
}

/** A member with what stands before its value (`,"name":`), an item (`,`), a case with its string, a joined text, or one of the texts to write. */
@unmanaged
export class Part {
  prefix: usize;
  length: usize;
  value: Template;
  next: Part;
  /** What is joined behind the text, and what it may be; 0 behind the last. */
  slot: Slot;
  types: u32;
}

/** A recipe. Where its texts begin and end is found in `results`, a pair each. */
@unmanaged
export class Program {
  root: Region;
  writes: Part;
  results: usize;
}

/** A Slot takes so many bytes. */
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

export function completeList(list: usize, item: usize, body: usize, limit: u32, omitsNothing: bool): void {
  const shape = changetype<Shape>(list);
  shape.item = changetype<Region>(item);
  shape.body = changetype<Template>(body);
  shape.limit = limit;
  shape.omitsNothing = omitsNothing;
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

/** A text to join, with the value behind it. */
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

// Objects of one list, and responses of one operation, mostly have the same keys in the same order, or one of a few orders. The bytes between
// the values of an object (`","price":{"amount":`) are remembered, spaces included, and compared with the bytes of the next object: where all
// are equal, no key is looked up, and no skipped value is checked twice. This is a guess that every byte has to confirm; no value is ever
// remembered.
//
// Where an object continues in another way than those before (a member less, null in place of an object), there is a choice of steps. The
// steps form a tree: every way along it is the way of one object that was read key by key and fits.
import { Char } from './characters';
import { findKey } from './keys';
import { allocate } from './memory';
import { skipSpace, skipValue, stringEnd, valueOfKey } from './scan';
import { Foresight, Key, Region, Shape, ShapeKind, Slot } from './tables';

export namespace Behind {
  /** The end of the object. */
  export const nothing: u32 = 0;
  /** The text goes on. */
  export const text: u32 = 1;
  export const skipped: u32 = 2;
  export const scalar: u32 = 3;
  export const member: u32 = 4;
}

/** The text between two values, and the step behind it. */
@unmanaged
export class Step {
  text0: u64;
  text1: u64;
  text2: u64;
  text3: u64;
  text4: u64;
  text5: u64;
  text6: u64;
  text7: u64;
  length: usize;
  /** The bits of the last block of 16 bytes that count. */
  mask: u32;
  /** The object that is read and opened in this text, or 0. */
  opened: Slot;
  behind: u32;
  key: Key;
  depth: u32;
  next: usize;
  /** The next alternative to this step. */
  other: usize;
}

const maxTextBytes: usize = 64;
const maxSteps: usize = 96;
/** Learning takes as long as reading. When there is no room, everything is forgotten and learned anew, but only rarely. */
const missesBeforeAnew: u32 = 16;

/** Allocates room for the steps of a region's object; 0 where the tables are full. */
export function addForesight(region: usize): usize {
  const place = allocate(offsetof<Foresight>() + maxSteps * offsetof<Step>());
  if (!place) return 0;
  const foresight = changetype<Foresight>(place);
  foresight.steps = place + offsetof<Foresight>();
  foresight.end = foresight.steps + maxSteps * offsetof<Step>();
  foresight.free = foresight.steps;
  changetype<Region>(region).foresight = foresight;
  return place;
}

/** True if the text of a step stands here. */
@inline
export function stands(step: Step, at: usize): bool {
  let text = changetype<usize>(step);
  let left = step.length;
  while (left > 16) {
    if (v128.any_true(v128.xor(v128.load(at), v128.load(text)))) return false;
    at += 16;
    text += 16;
    left -= 16;
  }
  return (i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(text))) & step.mask) == step.mask;
}

let learning = changetype<Foresight>(0);
/** The begin of the text between values, and the object that was opened in it. */
let textStart: usize = 0;
let opened = changetype<Slot>(0);
/** The place in the tree for the link to the next step. */
let link: usize = 0;
/** The first new step, and its place: it is linked when all are made. */
let firstNew: usize = 0;
let linkOfNew: usize = 0;

/** Learns from the object that begins here, which was read and fits. */
export function foresee(region: Region, at: usize, depth: u32): void {
  learning = region.foresight;
  textStart = at;
  opened = changetype<Slot>(0);
  link = changetype<usize>(learning) + offsetof<Foresight>('first');
  firstNew = 0;
  const free = learning.free;
  const end = learnObject(region.shape, at, depth);
  if (end && addStep(end, Behind.nothing, changetype<Key>(0), 0)) {
    if (firstNew) store<usize>(linkOfNew, firstNew);
    return;
  }
  learning.free = free;
  if (++learning.misses % missesBeforeAnew == 0) {
    learning.first = 0;
    learning.free = learning.steps;
  }
}

/** The end of the object; 0 when it cannot be learned. `shape` is 0 for an object that is skipped. */
function learnObject(shape: Shape, at: usize, depth: u32): usize {
  at++;
  if (shape) {
    // One object per text: the text ends here, and another begins.
    if (opened && !addStep(at, Behind.text, changetype<Key>(0), 0)) return 0;
    opened = shape.slot;
  }
  at = skipSpace(at);
  while (load<u8>(at) == Char.quote) {
    const text = at + 1;
    const textEnd = stringEnd(text);
    const key = shape ? findKey(shape, text, textEnd - 1 - text) : changetype<Key>(0);
    at = learnValue(key, valueOfKey(textEnd), depth + 1);
    if (!at) return 0;
    at = skipSpace(at);
    if (load<u8>(at) == Char.comma) at = skipSpace(at + 1);
  }
  return at + 1;
}

function learnValue(key: Key, at: usize, depth: u32): usize {
  const isObject = load<u8>(at) == Char.openObject;
  if (isObject && !key) return learnObject(changetype<Shape>(0), at, depth);
  let behind = Behind.skipped;
  if (key) {
    const kind = key.shape.sibling ? ShapeKind.list : key.shape.kind;
    if (isObject && kind == ShapeKind.object) return learnObject(key.shape, at, depth);
    behind = kind == ShapeKind.scalar ? Behind.scalar : Behind.member;
  }
  if (!addStep(at, behind, key, depth)) return 0;
  textStart = skipValue(at, depth);
  return textStart;
}

/** Follows a known step, or makes it. */
function addStep(textEnd: usize, behind: u32, key: Key, depth: u32): bool {
  const length = textEnd - textStart;
  if (length > maxTextBytes) return false;
  const known = firstNew ? 0 : findStep(length, behind);
  const place = known ? known : makeStep(length, behind, key, depth);
  if (!place) return false;
  link = place + offsetof<Step>('next');
  textStart = textEnd;
  opened = changetype<Slot>(0);
  return true;
}

/** The known step, or 0: then `link` is its place. A longer text comes before one that is its beginning, which would match always. */
function findStep(length: usize, behind: u32): usize {
  let place = load<usize>(link);
  while (place) {
    const step = changetype<Step>(place);
    if (step.length == length && step.behind == behind && step.opened == opened && stands(step, textStart)) return place;
    if (step.length >= length) link = place + offsetof<Step>('other');
    place = step.other;
  }
  return 0;
}

function makeStep(length: usize, behind: u32, key: Key, depth: u32): usize {
  const place = learning.free;
  if (place == learning.end) return 0;
  learning.free = place + offsetof<Step>();
  memory.fill(place, 0, offsetof<Step>());
  memory.copy(place, textStart, length);
  const step = changetype<Step>(place);
  step.length = length;
  step.mask = 0xffff >> (<u32>(16 - <i32>length) & 15);
  step.opened = opened;
  step.behind = behind;
  step.key = key;
  step.depth = depth;
  if (firstNew) store<usize>(link, place);
  else {
    firstNew = place;
    linkOfNew = link;
    step.other = load<usize>(link);
  }
  return place;
}

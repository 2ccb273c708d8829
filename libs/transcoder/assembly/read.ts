// Shapes: from the input to slots. Lists are written at once, item by item; everything else is written after the whole text is read.
import { Char, Letters, isDigit } from './characters';
import { Behind, Step, foresee, stands } from './foresee';
import { findKey } from './keys';
import { copyBlocks } from './memory';
import { isCanonical, number } from './numbers';
import { expectNoEscape, literalEnd, maxDepth, sawEscape, skipSpace, skipValue, stringEnd, valueOfKey } from './scan';
import { Foresight, Held, Key, Region, Shape, ShapeKind, Slot } from './tables';
import { isEmptyList, mustParse, out, write, writeChar, writeFrom, writeNull } from './write';

/** The number of foreseen and of unforeseen objects: doubles, which the host reads directly and which do not overflow. */
export let foreseen: f64 = 0;
export let unforeseen: f64 = 0;

/** Reads the value here, at this depth of objects and lists; gives its end, 0 for a value that does not fit. */
export function readRegion(region: Region, at: usize, depth: u32): usize {
  clear(region);
  const foresight = region.foresight;
  if (!foresight || load<u8>(at) != Char.openObject) return read(region.shape, at, depth);
  const before = out;
  const foreseenEnd = readForeseen(foresight, at);
  if (foreseenEnd) {
    foreseen++;
    return foreseenEnd;
  }
  clear(region);
  writeFrom(before);
  const end = read(region.shape, at, depth);
  if (!end) return 0;
  unforeseen++;
  foresee(region, at, depth);
  return end;
}

/** Follows the steps of foresee.ts: the end of a foreseen object; 0 for another one, and then slots and output are undefined. */
function readForeseen(foresight: Foresight, at: usize): usize {
  let place = foresight.first;
  while (place) {
    const step = changetype<Step>(place);
    if (!stands(step, at)) {
      place = step.other;
      continue;
    }
    at += step.length;
    if (step.opened) step.opened.held = Held.object;
    const behind = step.behind;
    if (behind == Behind.scalar) at = readScalar(step.key.shape.slot, at);
    else if (behind == Behind.skipped) at = load<u8>(at) == Char.quote ? stringEnd(at + 1) : skipValue(at, step.depth);
    else if (behind == Behind.member) at = readMember(step.key, at, step.depth);
    else if (behind == Behind.nothing) return at;
    if (!at) return 0;
    place = step.next;
  }
  return 0;
}

@inline
function clear(region: Region): void {
  const end = region.slots + region.slotsSize;
  for (let slots = region.slots; slots < end; slots += 16) v128.store(slots, i8x16.splat(0));
}

function read(shape: Shape, at: usize, depth: u32): usize {
  if (shape.kind == ShapeKind.scalar) return readScalar(shape.slot, at);
  if (shape.kind == ShapeKind.object) return readObject(shape, at, depth);
  if (shape.kind == ShapeKind.list) return readList(shape, at, depth);
  shape.slot.held = Held.unspoken;
  return shape.kind == ShapeKind.entry ? readEntry(shape, at, depth) : skipValue(at, depth);
}

@inline
function hold(slot: Slot, held: u32, start: usize, end: usize): void {
  slot.held = held;
  slot.start = start;
  slot.end = end;
}

function readScalar(slot: Slot, at: usize): usize {
  const first = <u32>load<u8>(at);
  let end: usize;
  let held = Held.bytes;
  if (first == Char.quote) {
    expectNoEscape();
    end = stringEnd(at + 1);
    if (sawEscape) held = Held.escaped;
  } else if (first == Char.minus || isDigit(first)) {
    end = number(at);
    if (!isCanonical) held = Held.number;
  } else end = literalEnd(at, first);
  hold(slot, held, at, end);
  return end;
}

@inline
function isNull(at: usize): bool {
  return load<u32>(at) == Letters.null_;
}

function readObject(shape: Shape, at: usize, depth: u32): usize {
  if (load<u8>(at) != Char.openObject) {
    if (!shape.nullable || !isNull(at)) return 0;
    shape.slot.held = Held.nullObject;
    return at + 4;
  }
  if (depth >= maxDepth) return 0;
  shape.slot.held = Held.object;
  at = skipSpace(at + 1);
  if (load<u8>(at) == Char.closeObject) at++;
  else at = readMembers(shape, at, depth + 1);
  return at && hasRequired(shape) ? at : 0;
}

function readMembers(shape: Shape, at: usize, depth: u32): usize {
  while (true) {
    if (load<u8>(at) != Char.quote) return 0;
    const text = at + 1;
    expectNoEscape();
    const textEnd = stringEnd(text);
    // An escaped key may be one that is read.
    if (sawEscape) return 0;
    at = valueOfKey(textEnd);
    if (!at) return 0;
    const key = findKey(shape, text, textEnd - 1 - text);
    at = key ? readMember(key, at, depth) : skipValue(at, depth);
    if (!at) return 0;
    at = skipSpace(at);
    const next = <u32>load<u8>(at++);
    if (next != Char.comma) return next == Char.closeObject ? at : 0;
    at = skipSpace(at);
  }
}

/** Reads a value with every shape that stands for its key. */
function readMember(key: Key, at: usize, depth: u32): usize {
  // A key that stands twice is left to the parser, which decides which of them counts.
  if (key.shape.slot.held != Held.nothing) return 0;
  let end = read(key.shape, at, depth);
  for (let shape = key.shape.sibling; shape && end; shape = shape.sibling) end = read(shape, at, depth);
  return end;
}

function hasRequired(shape: Shape): bool {
  for (let key = shape.keys; key; key = key.next) {
    if (key.required && key.shape.slot.held == Held.nothing) return false;
  }
  return true;
}

function readList(shape: Shape, at: usize, depth: u32): usize {
  if (load<u8>(at) != Char.openList) {
    if (!isNull(at)) return 0;
    hold(shape.slot, Held.bytes, at, at + 4);
    return at + 4;
  }
  if (depth >= maxDepth) return 0;
  const start = out;
  writeChar(Char.openList);
  at = skipSpace(at + 1);
  if (load<u8>(at) == Char.closeList) at++;
  else at = readItems(shape, at, depth + 1);
  writeChar(Char.closeList);
  hold(shape.slot, Held.bytes, start, out);
  return mustParse ? 0 : at;
}

function readItems(shape: Shape, at: usize, depth: u32): usize {
  const start = out;
  let index: u32 = 0;
  while (true) {
    const before = out;
    if (before != start) writeChar(Char.comma);
    const place = out;
    at = readRegion(shape.item, at, depth);
    if (!at) return 0;
    if (index++ >= shape.limit) writeFrom(before);
    else writeItem(shape, before, place);
    if (mustParse) return 0;
    at = skipSpace(at);
    const next = <u32>load<u8>(at++);
    if (next != Char.comma) {
      shape.slot.count = index;
      return next == Char.closeList ? at : 0;
    }
    at = skipSpace(at);
  }
}

/**
 * Lists within the item were written from `place` on, where the item belongs: the item is written behind them, and moved to their place
 * then.
 */
@inline
function writeItem(shape: Shape, before: usize, place: usize): void {
  const written = out;
  if (write(shape.body)) {
    const length = out - written;
    if (shape.flattens) {
      if (mustParse) return;
      if (isEmptyList(written)) writeFrom(before);
      else {
        copyBlocks(place, written + 1, length - 2);
        writeFrom(place + length - 2);
      }
      return;
    }
    if (written != place) copyBlocks(place, written, length);
    writeFrom(place + length);
  } else if (shape.flattens) writeFrom(before);
  else if (shape.omitsNothing) writeFrom(before);
  else {
    writeFrom(place);
    writeNull();
  }
}

function readEntry(shape: Shape, at: usize, depth: u32): usize {
  if (load<u8>(at) != Char.openList) return isNull(at) ? at + 4 : 0;
  if (depth >= maxDepth) return 0;
  at = skipSpace(at + 1);
  if (load<u8>(at) == Char.closeList) return at + 1;
  let index: u32 = 0;
  while (true) {
    at = index++ == shape.index ? read(shape.entry, at, depth + 1) : skipValue(at, depth + 1);
    if (!at) return 0;
    at = skipSpace(at);
    const next = <u32>load<u8>(at++);
    if (next != Char.comma) return next == Char.closeList ? at : 0;
    at = skipSpace(at);
  }
}

// Objects of one list, and answers of one operation, mostly have the same keys in the same order. What stood between the values of an
// object (`","price":{"amount":`) is remembered as it was, spaces and all, and compared with what stands there in the next: when all of it is
// equal, the keys need no looking up, and what is skipped no checking. This is a guess, which every byte has to confirm; nothing of a value is
// ever remembered.
import { Char } from './characters';
import { allocate } from './memory';
import { readMember, readScalar } from './read';
import { findKey } from './keys';
import { skipSpace, skipValue, stringEnd, valueOfKey } from './scan';
import { Foresight, Held, Key, Region, Shape, ShapeKind, Slot } from './tables';

/** Text between two values, of 64 bytes at most, and what is done with the value behind it. */
@unmanaged
class Step {
  block0: u64;
  block1: u64;
  block2: u64;
  block3: u64;
  block4: u64;
  block5: u64;
  block6: u64;
  block7: u64;
  length: usize;
  /** Of the last block of 16 bytes: which count. */
  mask: u32;
  /** The value is read by its shapes; 0: it is skipped. */
  key: Key;
  /** Of the value. Behind the last step there is none, and this is 0. */
  depth: u32;
}

const maxTextBytes: usize = 64;
const maxSteps: usize = 64;
const maxObjects: u32 = 16;

/** Room for what is learned of a region's object; 0 where the tables are full. */
export function addForesight(region: usize): usize {
  const place = allocate(offsetof<Foresight>() + maxObjects * sizeof<usize>() + maxSteps * offsetof<Step>());
  if (!place) return 0;
  const foresight = changetype<Foresight>(place);
  foresight.objects = place + offsetof<Foresight>();
  foresight.steps = foresight.objects + maxObjects * sizeof<usize>();
  changetype<Region>(region).foresight = foresight;
  return place;
}

/** The end of an object that begins here and is as foreseen; 0 for another, of which slots and output hold anything then. */
export function readForeseen(foresight: Foresight, at: usize): usize {
  let step = changetype<Step>(foresight.steps);
  while (true) {
    if (!stands(step, at)) return 0;
    at += step.length;
    if (!step.depth) break;
    const key = step.key;
    if (!key) at = load<u8>(at) == Char.quote ? stringEnd(at + 1) : skipValue(at, step.depth);
    else if (key.shape.kind == ShapeKind.scalar && !key.shape.sibling) at = readScalar(key.shape.slot, at);
    else at = readMember(key, at, step.depth);
    if (!at) return 0;
    step = changetype<Step>(changetype<usize>(step) + offsetof<Step>());
  }
  const end = foresight.objects + foresight.objectCount * sizeof<usize>();
  for (let object = foresight.objects; object < end; object += sizeof<usize>()) {
    changetype<Slot>(load<usize>(object)).held = Held.object;
  }
  return at;
}

@inline
function stands(step: Step, at: usize): bool {
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
let nextStep: usize = 0;
let lastStep: usize = 0;
/** Where the text between values began. */
let textStart: usize = 0;

/** Learns from the object that begins here, which was read and found to fit. */
export function foresee(region: Region, at: usize, depth: u32): void {
  learning = region.foresight;
  learning.isReady = false;
  learning.objectCount = 0;
  nextStep = learning.steps;
  lastStep = nextStep + (maxSteps - 1) * offsetof<Step>();
  textStart = at;
  const end = learnObject(region.shape, at, depth);
  if (end) learning.isReady = addStep(end, changetype<Key>(0), 0);
}

/** The end of the object; 0 when it cannot be learned. `shape` is 0 for one that is skipped. */
function learnObject(shape: Shape, at: usize, depth: u32): usize {
  if (shape) {
    if (learning.objectCount == maxObjects) return 0;
    store<usize>(learning.objects + learning.objectCount++ * sizeof<usize>(), changetype<usize>(shape.slot));
  }
  at = skipSpace(at + 1);
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
  if (isObject && key.shape.kind == ShapeKind.object && !key.shape.sibling) return learnObject(key.shape, at, depth);
  if (!addStep(at, key, depth)) return 0;
  textStart = skipValue(at, depth);
  return textStart;
}

function addStep(textEnd: usize, key: Key, depth: u32): bool {
  const length = textEnd - textStart;
  if (length > maxTextBytes || nextStep > lastStep) return false;
  const step = changetype<Step>(nextStep);
  memory.copy(nextStep, textStart, length);
  step.length = length;
  step.mask = 0xffff >> (<u32>(16 - length) & 15);
  step.key = key;
  step.depth = depth;
  nextStep += offsetof<Step>();
  return true;
}

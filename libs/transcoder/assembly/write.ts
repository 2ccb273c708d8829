// Templates: from slots to the output.
import { Char, Letters, isDigit } from './characters';
import { isSame } from './keys';
import { copyBlocks, output, outputEnd } from './memory';
import { expectWellFormed, isWellFormed, rewriteString } from './strings';
import { Held, Part, Slot, Template, TemplateKind, TypeBits } from './tables';

/** The address of the next byte. */
export let out: usize = output;
export function writeFrom(place: usize): void {
  out = place;
}

/** True if there was no room, or no case: the output since then is incomplete, and the text is left to the parser. */
export let mustParse: bool = false;
export function beginOutput(): void {
  out = output;
  mustParse = false;
}

/** Writes a number as JavaScript spells it, 25 bytes at most; gives its length. */
@external("host", "writeNumber")
declare function writeNumber(start: usize, end: usize, to: usize): usize;
const maxSpelledBytes: usize = 32;

@inline
export function writeBytes(from: usize, length: usize): void {
  if (length > outputEnd - out) {
    mustParse = true;
    return;
  }
  copyBlocks(out, from, length);
  out += length;
}

@inline
export function writeChar(char: u32): void {
  if (out == outputEnd) {
    mustParse = true;
    return;
  }
  store<u8>(out++, char);
}

export function writeNull(): void {
  if (outputEnd - out < 4) {
    mustParse = true;
    return;
  }
  store<u32>(out, Letters.null_);
  out += 4;
}

/** True if the template wrote anything. */
export function write(template: Template): bool {
  switch (template.kind) {
    case TemplateKind.text:
      writeBytes(template.text, template.length);
      return true;
    case TemplateKind.value:
      return writeSlot(template.slot);
    case TemplateKind.object:
      return writeMembers(template.parts);
    case TemplateKind.array:
      return writeItems(template.parts);
    case TemplateKind.within:
      return writeWithin(template);
    case TemplateKind.otherwise:
      return writeOtherwise(template);
    case TemplateKind.count:
      return writeCount(template.slot);
    case TemplateKind.choice:
      return writeChoice(template);
    case TemplateKind.join:
      return writeJoin(template.parts);
    case TemplateKind.concat:
      return writeConcat(template.parts);
    default:
      return false;
  }
}

// Inlined, because it runs for every value: a call would cost a twentieth of the whole time.
@inline
function writeSlot(slot: Slot): bool {
  if (slot.held == Held.nothing) return false;
  const length = slot.end - slot.start;
  if (slot.held == Held.bytes) writeBytes(slot.start, length);
  else if (outputEnd - out < length + maxSpelledBytes) mustParse = true;
  else if (slot.held == Held.escaped) out = rewriteString(slot.start, slot.end, out);
  else out += writeNumber(slot.start, slot.end, out);
  return true;
}

function writeMembers(parts: Part): bool {
  const start = out;
  writeChar(Char.openObject);
  for (let part = parts; part; part = part.next) {
    const before = out;
    // The first has no comma in front.
    const skipped: usize = before == start + 1 ? 1 : 0;
    writeBytes(part.prefix + skipped, part.length - skipped);
    if (!write(part.value)) out = before;
  }
  writeChar(Char.closeObject);
  return true;
}

function writeItems(parts: Part): bool {
  writeChar(Char.openList);
  for (let part = parts; part; part = part.next) {
    if (part != parts) writeChar(Char.comma);
    if (!write(part.value)) writeNull();
  }
  writeChar(Char.closeList);
  return true;
}

/** True if the list that was written here has no items; `null` has none either. */
@inline
export function isEmptyList(start: usize): bool {
  return load<u8>(start) != Char.openList || out == start + 2;
}

/** The lists are written one behind the other: the bracket that opens the next one becomes the comma. */
function writeConcat(parts: Part): bool {
  const start = out;
  for (let part = parts; part; part = part.next) {
    const before = out;
    if (!write(part.value)) {
      out = before;
      continue;
    }
    if (mustParse) return true;
    if (isEmptyList(before)) {
      out = before;
      continue;
    }
    if (before != start) store<u8>(before, Char.comma);
    out--;
  }
  if (out == start) writeChar(Char.openList);
  writeChar(Char.closeList);
  return true;
}

function writeWithin(template: Template): bool {
  const held = template.slot.held;
  if (held == Held.nothing) return false;
  if (held == Held.object) return write(template.body);
  writeNull();
  return true;
}

function writeOtherwise(template: Template): bool {
  const start = out;
  if (write(template.body) && !(out == start + 4 && load<u32>(start) == Letters.null_)) return true;
  out = start;
  return write(template.other);
}

function writeCount(slot: Slot): bool {
  if (slot.held == Held.nothing) return false;
  if (load<u8>(slot.start) != Char.openList) writeNull();
  else if (outputEnd - out < maxSpelledBytes) mustParse = true;
  else {
    let digits: usize = 1;
    for (let rest = slot.count / 10; rest; rest /= 10) digits++;
    out += digits;
    let rest = slot.count;
    for (let at = out - 1; digits; digits--, at--, rest /= 10) store<u8>(at, Char.zero + (rest % 10));
  }
  return true;
}

/** Only strings can match a case: the bytes of a case have quotes. */
function writeChoice(template: Template): bool {
  const slot = template.slot;
  let text = slot.start;
  let length = slot.end - text;
  if (slot.held == Held.escaped) {
    if (outputEnd - out < length + maxSpelledBytes) {
      mustParse = true;
      return false;
    }
    // The output is not used yet, so the value is spelled there as the cases are.
    text = out;
    length = rewriteString(slot.start, slot.end, text) - text;
  }
  for (let part = template.parts; part; part = part.next) {
    if (part.length == length && isSame(part.prefix, text, length)) return write(part.value);
  }
  if (template.other) return write(template.other);
  mustParse = true;
  return false;
}

function writeJoin(parts: Part): bool {
  writeChar(Char.quote);
  for (let part = parts; part; part = part.next) {
    writeBytes(part.prefix, part.length);
    if (part.slot && !writeJoined(part.slot, part.types)) {
      mustParse = true;
      return false;
    }
  }
  writeChar(Char.quote);
  return true;
}

/** A scalar without its quotes; false for one that cannot be joined. */
function writeJoined(slot: Slot, types: u32): bool {
  if (slot.held == Held.nothing) return false;
  const first = <u32>load<u8>(slot.start);
  if (first != Char.quote) return (types & typeOf(first)) != 0 && writeSlot(slot);
  if (!(types & TypeBits.string)) return false;
  const start = slot.start + 1;
  const end = slot.end - 1;
  if (slot.held == Held.bytes) {
    writeBytes(start, end - start);
    return true;
  }
  if (outputEnd - out < end - start + maxSpelledBytes) return false;
  expectWellFormed();
  out = rewriteString(start, end, out);
  return isWellFormed;
}

/** The type bit of a scalar that is no string, by its first character; none for null. */
function typeOf(first: u32): u32 {
  if (first == Char.t || first == Char.f) return TypeBits.boolean;
  return first == Char.minus || isDigit(first) ? TypeBits.number : 0;
}

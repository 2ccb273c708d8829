// Templates: from slots to the output.
import { Char, Letters } from './characters';
import { isSame } from './keys';
import { copyBlocks, output, outputEnd } from './memory';
import { rewriteString } from './strings';
import { Held, Part, Slot, Template, TemplateKind } from './tables';

/** Where the next byte is written. */
export let out: usize = output;
export function writeFrom(place: usize): void {
  out = place;
}

/** Whether something found no room or has no case: what was written since is not whole. */
export let isDeclined: bool = false;
export function beginOutput(): void {
  out = output;
  isDeclined = false;
}

/** Writes a number as JavaScript spells it, 25 bytes at most; gives its length. */
@external("host", "writeNumber")
declare function writeNumber(start: usize, end: usize, to: usize): usize;
const maxSpelledBytes: usize = 32;

@inline
export function writeBytes(from: usize, length: usize): void {
  if (length > outputEnd - out) {
    isDeclined = true;
    return;
  }
  copyBlocks(out, from, length);
  out += length;
}

@inline
export function writeChar(char: u32): void {
  if (out == outputEnd) {
    isDeclined = true;
    return;
  }
  store<u8>(out++, char);
}

export function writeNull(): void {
  if (outputEnd - out < 4) {
    isDeclined = true;
    return;
  }
  store<u32>(out, Letters.null_);
  out += 4;
}

/** Whether something was written. */
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
    default:
      return false;
  }
}

function writeSlot(slot: Slot): bool {
  if (slot.held == Held.nothing) return false;
  const length = slot.end - slot.start;
  if (slot.held == Held.bytes) writeBytes(slot.start, length);
  else if (outputEnd - out < length + maxSpelledBytes) isDeclined = true;
  else if (slot.held == Held.escaped) out = rewriteString(slot.start, slot.end, out);
  else out += writeNumber(slot.start, slot.end, out);
  return true;
}

function writeMembers(parts: Part): bool {
  const start = out;
  writeChar(Char.openObject);
  for (let part = parts; part; part = part.next) {
    const before = out;
    // The comma in front is for all but the first.
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
  else if (outputEnd - out < maxSpelledBytes) isDeclined = true;
  else {
    let digits: usize = 1;
    for (let rest = slot.count / 10; rest; rest /= 10) digits++;
    out += digits;
    let rest = slot.count;
    for (let at = out - 1; digits; digits--, at--, rest /= 10) store<u8>(at, Char.zero + (rest % 10));
  }
  return true;
}

/** Of anything but a string, no case has the bytes: they have quotes. */
function writeChoice(template: Template): bool {
  const slot = template.slot;
  let text = slot.start;
  let length = slot.end - text;
  if (slot.held == Held.escaped) {
    if (outputEnd - out < length + maxSpelledBytes) {
      isDeclined = true;
      return false;
    }
    // Where nothing is written yet, it is spelled as the cases are.
    text = out;
    length = rewriteString(slot.start, slot.end, text) - text;
  }
  for (let part = template.parts; part; part = part.next) {
    if (part.length == length && isSame(part.prefix, text, length)) return write(part.value);
  }
  if (template.other) return write(template.other);
  isDeclined = true;
  return false;
}

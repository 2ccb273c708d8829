// Templates: from slots to the output.
import { Char, Letters } from './characters';
import { copyBlocks, output, outputEnd } from './memory';
import { rewriteString } from './strings';
import { Held, Part, Slot, Template, TemplateKind } from './tables';

/** Where the next byte is written. */
export let out: usize = output;
export function writeFrom(place: usize): void {
  out = place;
}

/** Whether something found no room: what was written since is not whole. */
export let isFull: bool = false;
export function beginOutput(): void {
  out = output;
  isFull = false;
}

/** Writes a number as JavaScript spells it, 25 bytes at most; gives its length. */
@external("host", "writeNumber")
declare function writeNumber(start: usize, end: usize, to: usize): usize;
const maxSpelledBytes: usize = 32;

@inline
export function writeBytes(from: usize, length: usize): void {
  if (length > outputEnd - out) {
    isFull = true;
    return;
  }
  copyBlocks(out, from, length);
  out += length;
}

@inline
export function writeChar(char: u32): void {
  if (out == outputEnd) {
    isFull = true;
    return;
  }
  store<u8>(out++, char);
}

export function writeNull(): void {
  if (outputEnd - out < 4) {
    isFull = true;
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
      return writeChoice(template);
    default:
      return false;
  }
}

function writeSlot(slot: Slot): bool {
  if (slot.held == Held.nothing) return false;
  const length = slot.end - slot.start;
  if (slot.held == Held.bytes) writeBytes(slot.start, length);
  else if (outputEnd - out < length + maxSpelledBytes) isFull = true;
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

function writeChoice(template: Template): bool {
  const start = out;
  if (write(template.body) && !(out == start + 4 && load<u32>(start) == Letters.null_)) return true;
  out = start;
  return write(template.other);
}

import { isUtf8 } from 'node:buffer';
import { isTooDeep, maybeHasInexactNumber, parseWithPlaceholders, unreadablePayload } from '@frontage/core';
import { maxTextBytes, toBinary, type Projection } from '../model/projection.js';
import { itemsOf, JavaScriptTemplates } from './javascript-templates.js';
import { layOut, type SpecLayout, type Region } from '../model/spec-layout.js';
import { SlotValues } from './slot-values.js';
import type { EntryShape, ListShape, ObjectShape, ProjectionSpec, Shape } from '../model/projection-spec.js';

/** True if a value fits its shape. Then the slots hold what was read. */
type Read = (value: unknown) => boolean;

/**
 * The reference for the other engines, and the engine where there is no WebAssembly: `JSON.parse`, a walk along the shapes,
 * `JSON.stringify` of the kept values. Of a key that stands twice the last one counts, as with `JSON.parse`.
 * @throws TypeError for a spec that cannot be followed
 */
export function compileInJavaScript(spec: ProjectionSpec): Projection {
  const layout = layOut(spec);
  const slots = new SlotValues(layout);
  const templates = new JavaScriptTemplates(slots);
  const read = new ShapeCompiler(layout, slots, templates).region(layout.root);
  const writes = spec.writes.map((template) => templates.template(template));

  return {
    project(bytes) {
      if (bytes.length > maxTextBytes || !isUtf8(bytes) || isTooDeep(bytes)) return undefined;
      const parsed = parse(bytes);
      templates.begin();
      if (parsed === undefined || !read(parsed.value)) return undefined;
      let length = 0;
      const texts = writes.map((write) => {
        const text = write();
        if (text === undefined) return undefined;
        const binary = toBinary(text);
        length += binary.length;
        return binary;
      });
      return templates.mustParse || length > maxTextBytes ? undefined : texts;
    },
  };
}

function parse(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    // A number that a double cannot hold becomes an object here, which does not fit a scalar.
    return maybeHasInexactNumber(bytes) ? parseWithPlaceholders(text, unreadablePayload) : { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function isObjectOrNull(value: unknown): value is Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && !Array.isArray(value);
}

class ShapeCompiler {
  constructor(
    private readonly layout: SpecLayout,
    private readonly slots: SlotValues,
    private readonly templates: JavaScriptTemplates,
  ) {}

  region({ shape, firstSlot, slotCount }: Region): Read {
    const read = this.#shape(shape);
    return (value) => {
      this.slots.clear(firstSlot, slotCount);
      return read(value);
    };
  }

  #shape(shape: Shape): Read {
    if (shape.kind === 'object') return this.#readObject(shape);
    if (shape.kind === 'list') return this.#readList(shape);
    if (shape.kind === 'entry') return this.#readEntry(shape);
    if (shape.kind === 'any') return () => true;
    const slot = this.slots.of(shape);
    return (value) => {
      slot.value = value;
      return value === null || typeof value !== 'object';
    };
  }

  #readObject(shape: ObjectShape): Read {
    const slot = this.slots.of(shape);
    const members = shape.members.map(({ key, required, shape: member }) => ({
      key,
      required,
      read: this.#shape(member),
    }));
    return (value) => {
      if (!isObjectOrNull(value) || (value === null && !shape.nullable)) return false;
      slot.value = value;
      if (value === null) return true;
      // No key is an inherited name: layOut refuses those.
      return members.every(({ key, required, read }) => {
        const member = value[key];
        return member === undefined ? !required : read(member);
      });
    };
  }

  #readList(shape: ListShape): Read {
    const slot = this.slots.of(shape);
    const item = this.layout.items.get(shape);
    const read = item === undefined ? () => false : this.region(item);
    const write = this.templates.template(shape.body);
    const limit = shape.limit ?? Infinity;
    return (value) => {
      if (value !== null && !Array.isArray(value)) return false;
      if (value === null) {
        slot.value = 'null';
        return true;
      }
      const texts: string[] = [];
      slot.count = value.length;
      for (const [index, each] of value.entries()) {
        if (!read(each)) return false;
        const text = index < limit ? write() : undefined;
        if (this.templates.mustParse) return false;
        if (shape.flattens === true) texts.push(...itemsOf(text));
        else if (text !== undefined) texts.push(text);
        else if (index < limit && !shape.omitsNothing) texts.push('null');
      }
      slot.value = `[${texts.join(',')}]`;
      return true;
    };
  }

  #readEntry({ index, item }: EntryShape): Read {
    const read = this.#shape(item);
    return (value) => {
      if (value === null) return true;
      return Array.isArray(value) && (index >= value.length || read(value[index]));
    };
  }
}

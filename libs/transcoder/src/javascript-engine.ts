import { isUtf8 } from 'node:buffer';
import { isExact } from './exact-tokens.js';
import { maxTextBytes, toBinary, type Projection } from './projection.js';
import { layOut, type RecipeLayout, type Region } from './recipe-layout.js';
import type { ListShape, ObjectShape, Recipe, Shape, Template, TemplateMember } from './recipe.js';

/** Whether a value fits; what it holds is in the slots then. */
type Read = (value: unknown) => boolean;
type Write = () => string | undefined;

/**
 * The engine that says what the others have to say, and the fallback where there is no WebAssembly: `JSON.parse`, a walk along the shapes,
 * `JSON.stringify` of what is kept. A key that stands twice counts where it stands last, as with `JSON.parse`.
 * @throws TypeError for a recipe that cannot be followed
 */
export function compileInJavaScript(recipe: Recipe): Projection {
  const layout = layOut(recipe);
  const compiler = new ShapeCompiler(layout);
  const read = compiler.region(layout.root);
  const writes = recipe.writes.map((template) => compiler.template(template));

  return {
    project(bytes) {
      if (bytes.length > maxTextBytes || !isUtf8(bytes)) return undefined;
      const parsed = parse(bytes);
      if (parsed === undefined || !read(parsed.value) || !isExact(bytes)) return undefined;
      let length = 0;
      const texts = writes.map((write) => {
        const text = write();
        if (text === undefined) return undefined;
        const binary = toBinary(text);
        length += binary.length;
        return binary;
      });
      return length > maxTextBytes ? undefined : texts;
    },
  };
}

function parse(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) };
  } catch {
    return undefined;
  }
}

function isObjectOrNull(value: unknown): value is Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && !Array.isArray(value);
}

/** A slot holds the scalar, the object or `null`, the text of a list; `undefined` where nothing was read. */
class ShapeCompiler {
  readonly #slots: unknown[];

  constructor(private readonly layout: RecipeLayout) {
    this.#slots = Array.from({ length: layout.slotCount });
  }

  region({ shape, firstSlot, slotCount }: Region): Read {
    const read = this.#shape(shape);
    return (value) => {
      this.#slots.fill(undefined, firstSlot, firstSlot + slotCount);
      return read(value);
    };
  }

  template(template: Template): Write {
    switch (template.kind) {
      case 'nothing':
        return () => undefined;
      case 'text':
        return () => template.json;
      case 'value':
        return template.of.kind === 'list' ? this.#listText(template.of) : this.#scalarText(template.of);
      case 'object':
        return this.#object(template.members);
      case 'array': {
        const items = template.items.map((item) => this.template(item));
        return () => `[${items.map((write) => write() ?? 'null').join(',')}]`;
      }
      case 'within':
        return this.#within(template.of, this.template(template.body));
      case 'otherwise': {
        const [write, other] = [this.template(template.of), this.template(template.other)];
        return () => {
          const text = write();
          return text === undefined || text === 'null' ? other() : text;
        };
      }
    }
  }

  #slotOf(shape: Shape): number {
    return this.layout.slots.get(shape) ?? 0;
  }

  #shape(shape: Shape): Read {
    if (shape.kind === 'object') return this.#readObject(shape);
    if (shape.kind === 'list') return this.#readList(shape);
    const slot = this.#slotOf(shape);
    return (value) => {
      this.#slots[slot] = value;
      return value === null || typeof value !== 'object';
    };
  }

  #readObject(shape: ObjectShape): Read {
    const slot = this.#slotOf(shape);
    const members = shape.members.map(({ key, required, shape: member }) => ({
      key,
      required,
      read: this.#shape(member),
    }));
    return (value) => {
      if (!isObjectOrNull(value) || (value === null && !shape.nullable)) return false;
      this.#slots[slot] = value;
      if (value === null) return true;
      // No key is one that every object has: layOut sees to that.
      return members.every(({ key, required, read }) => {
        const member = value[key];
        return member === undefined ? !required : read(member);
      });
    };
  }

  #readList(shape: ListShape): Read {
    const slot = this.#slotOf(shape);
    const item = this.layout.items.get(shape);
    const read = item === undefined ? () => false : this.region(item);
    const write = this.template(shape.body);
    const limit = shape.limit ?? Infinity;
    return (value) => {
      if (value !== null && !Array.isArray(value)) return false;
      if (value === null) {
        this.#slots[slot] = 'null';
        return true;
      }
      const texts: string[] = [];
      for (const [index, each] of value.entries()) {
        if (!read(each)) return false;
        const text = index < limit ? write() : undefined;
        if (text !== undefined) texts.push(text);
        else if (index < limit && !shape.omitsNothing) texts.push('null');
      }
      this.#slots[slot] = `[${texts.join(',')}]`;
      return true;
    };
  }

  #scalarText(shape: Shape): Write {
    const slot = this.#slotOf(shape);
    return () => (this.#slots[slot] === undefined ? undefined : JSON.stringify(this.#slots[slot]));
  }

  #listText(shape: Shape): Write {
    const slot = this.#slotOf(shape);
    return () => {
      const text = this.#slots[slot];
      return typeof text === 'string' ? text : undefined;
    };
  }

  #object(members: readonly TemplateMember[]): Write {
    const writes = members.map(({ name, value }) => ({
      prefix: `${JSON.stringify(name)}:`,
      write: this.template(value),
    }));
    return () => {
      let text = '';
      for (const { prefix, write } of writes) {
        const value = write();
        if (value !== undefined) text += `${text === '' ? '' : ','}${prefix}${value}`;
      }
      return `{${text}}`;
    };
  }

  #within(shape: ObjectShape, write: Write): Write {
    const slot = this.#slotOf(shape);
    return () => {
      const value = this.#slots[slot];
      return value === undefined ? undefined : value === null ? 'null' : write();
    };
  }
}

import type { SlotValues } from './slot-values.js';
import type {
  ChoiceCase,
  JoinedValue,
  ListShape,
  ObjectShape,
  ScalarShape,
  Template,
  TemplateMember,
} from '../model/projection-spec.js';

/** The text of a template, `undefined` where it gives nothing. */
type Write = () => string | undefined;

/** Templates of the engine in JavaScript: from slots to texts. */
export class JavaScriptTemplates {
  #mustParse = false;

  constructor(private readonly slots: SlotValues) {}

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
      case 'concat': {
        const lists = template.lists.map((list) => this.template(list));
        return () => `[${lists.flatMap((write) => itemsOf(write())).join(',')}]`;
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
      case 'count':
        return this.#count(template.of);
      case 'join':
        return this.#join(template.texts, template.values);
      case 'choice':
        return this.#choice(template.of, template.cases, template.other);
    }
  }

  /** True if a template could not be written since `begin`, so that the text must be parsed. */
  get mustParse(): boolean {
    return this.#mustParse;
  }

  begin(): void {
    this.#mustParse = false;
  }

  #scalarText(shape: ScalarShape): Write {
    const slot = this.slots.of(shape);
    return () => (slot.value === undefined ? undefined : JSON.stringify(slot.value));
  }

  #listText(shape: ListShape): Write {
    const slot = this.slots.of(shape);
    return () => (typeof slot.value === 'string' ? slot.value : undefined);
  }

  #count(shape: ListShape): Write {
    const slot = this.slots.of(shape);
    return () => (typeof slot.value !== 'string' ? undefined : slot.value === 'null' ? 'null' : String(slot.count));
  }

  #choice(shape: ScalarShape, cases: readonly ChoiceCase[], otherwise: Template | undefined): Write {
    const slot = this.slots.of(shape);
    const known = cases.map(({ is, gives }) => ({ is, write: this.template(gives) }));
    const other = otherwise === undefined ? () => this.#leaveToParser() : this.template(otherwise);
    return () => (known.find(({ is }) => is === slot.value)?.write ?? other)();
  }

  #join(texts: readonly string[], values: readonly JoinedValue[]): Write {
    const joined = values.map(({ of, types }) => ({ slot: this.slots.of(of), types: new Set<string>(types) }));
    return () => {
      let text = texts[0] ?? '';
      for (const [at, { slot, types }] of joined.entries()) {
        if (!types.has(typeof slot.value)) return this.#leaveToParser();
        const value = String(slot.value);
        if (!value.isWellFormed()) return this.#leaveToParser();
        text += value + (texts[at + 1] ?? '');
      }
      return JSON.stringify(text);
    };
  }

  #leaveToParser(): undefined {
    this.#mustParse = true;
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
    const slot = this.slots.of(shape);
    return () => (slot.value === undefined ? undefined : slot.value === null ? 'null' : write());
  }
}

/** The items of a list, as one text; none where there is no list, or an empty one. */
export const itemsOf = (list: string | undefined): readonly string[] =>
  list === undefined || list === 'null' || list === '[]' ? [] : [list.slice(1, -1)];

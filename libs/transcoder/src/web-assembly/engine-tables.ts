// oxlint-disable-next-line typescript/triple-slash-reference -- projects that reach this file by an import know nothing of the one beside it
/// <reference path="./web-assembly.d.ts" />
import { toBinary } from '../model/projection.js';
import { layOut, type SpecLayout, type Region } from '../model/spec-layout.js';
import type {
  JoinedValue,
  ListShape,
  ObjectShape,
  ProjectionSpec,
  Shape,
  ShapeMember,
  Template,
} from '../model/projection-spec.js';

/** The functions of assembly/tables.ts: each gives the address of a record, 0 where there is no room. */
export interface TableExports {
  readonly slotSize: WebAssembly.Global;
  allocate(size: number): number;
  addShape(kind: number, slot: number, nullable: boolean): number;
  completeList(list: number, item: number, body: number, limit: number, omitsNothing: boolean, flattens: boolean): void;
  completeEntry(entry: number, index: number, item: number): void;
  addKey(object: number, after: number, text: number, length: number, required: boolean, shape: number): number;
  addSibling(shape: number, sibling: number): void;
  addRegion(shape: number, slots: number, count: number): number;
  addForesight(region: number): number;
  addTemplate(kind: number, slot: number, body: number, other: number, text: number, length: number): number;
  addPart(template: number, after: number, prefix: number, length: number, value: number): number;
  addJoined(template: number, after: number, text: number, length: number, slot: number, types: number): number;
  addProgram(root: number, writes: number, results: number): number;
}

/** A projection spec in the engine's memory. */
export interface Program {
  readonly address: number;
  /** Two words per text: its begin and its end. */
  readonly results: number;
}

const shapeKinds = { scalar: 0, object: 1, list: 2, entry: 3, any: 4 } as const;
const templateKinds = {
  nothing: 0,
  text: 1,
  value: 2,
  object: 3,
  array: 4,
  within: 5,
  otherwise: 6,
  count: 7,
  choice: 8,
  join: 9,
  concat: 10,
} as const;
const typeBits = { string: 1, number: 2, boolean: 4 } as const;
const noLimit = 0xff_ff_ff_ff;

interface TemplateFields {
  readonly slot?: number;
  readonly body?: number;
  readonly other?: number;
  readonly text?: string;
}

class NoRoomError extends Error {}

/** Undefined where the tables are full. @throws TypeError for a spec that cannot be followed */
export function writeProgram(spec: ProjectionSpec, exports: TableExports, memory: Buffer): Program | undefined {
  const layout = layOut(spec);
  try {
    return new TableWriter(layout, exports, memory).program(spec);
  } catch (error) {
    if (error instanceof NoRoomError) return undefined;
    throw error;
  }
}

class TableWriter {
  readonly #slots = new Map<Shape, number>();

  constructor(
    private readonly layout: SpecLayout,
    private readonly exports: TableExports,
    private readonly memory: Buffer,
  ) {}

  program({ writes }: ProjectionSpec): Program {
    const root = this.#region(this.layout.root);
    const results = this.#room(8 * writes.length);
    let first = 0;
    let last = 0;
    for (const template of writes) {
      last = placed(this.exports.addPart(0, last, 0, 0, this.#template(template)));
      first ||= last;
    }
    return { address: placed(this.exports.addProgram(root, first, results)), results };
  }

  #room(size: number): number {
    return placed(this.exports.allocate(size));
  }

  #text(binary: string): [address: number, length: number] {
    const address = this.#room(binary.length);
    this.memory.write(binary, address, 'latin1');
    return [address, binary.length];
  }

  #region({ shape, firstSlot, slotCount }: Region): number {
    const slotSize = this.exports.slotSize.value;
    const slots = this.#room(slotCount * slotSize);
    for (const [each, slot] of this.layout.slots) {
      if (slot >= firstSlot && slot < firstSlot + slotCount)
        this.#slots.set(each, slots + (slot - firstSlot) * slotSize);
    }
    const region = placed(this.exports.addRegion(this.#shape(shape), slots, slotCount));
    if (shape.kind === 'object') placed(this.exports.addForesight(region));
    return region;
  }

  #slotOf(shape: Shape): number {
    return this.#slots.get(shape) ?? 0;
  }

  #shape(shape: Shape): number {
    const nullable = shape.kind === 'object' && shape.nullable;
    const address = placed(this.exports.addShape(shapeKinds[shape.kind], this.#slotOf(shape), nullable));
    if (shape.kind === 'object') this.#keys(address, shape);
    if (shape.kind === 'list') this.#list(address, shape);
    if (shape.kind === 'entry')
      this.exports.completeEntry(address, Math.min(shape.index, noLimit), this.#shape(shape.item));
    return address;
  }

  #keys(object: number, { members }: ObjectShape): void {
    let key = 0;
    for (const [text, sharing] of Map.groupBy(members, (member) => member.key)) {
      const required = sharing.some((member) => member.required);
      key = placed(this.exports.addKey(object, key, ...this.#text(toBinary(text)), required, this.#siblings(sharing)));
    }
  }

  #siblings(members: readonly ShapeMember[]): number {
    let sibling = 0;
    for (const { shape } of members.toReversed()) {
      const address = this.#shape(shape);
      this.exports.addSibling(address, sibling);
      sibling = address;
    }
    return sibling;
  }

  #list(address: number, list: ListShape): void {
    const item = this.layout.items.get(list);
    if (item === undefined) throw new Error('A list without a region.');
    const region = this.#region(item);
    const limit = Math.min(list.limit ?? noLimit, noLimit);
    const body = this.#template(list.body);
    this.exports.completeList(address, region, body, limit, list.omitsNothing, list.flattens === true);
  }

  #template(template: Template): number {
    switch (template.kind) {
      case 'nothing':
        return this.#addTemplate(template);
      case 'text':
        return this.#addTemplate(template, { text: toBinary(template.json) });
      case 'value':
      case 'count':
        return this.#addTemplate(template, { slot: this.#slotOf(template.of) });
      case 'within':
        return this.#addTemplate(template, { slot: this.#slotOf(template.of), body: this.#template(template.body) });
      case 'otherwise':
        return this.#addTemplate(template, {
          body: this.#template(template.of),
          other: this.#template(template.other),
        });
      case 'join':
        return this.#join(template, template.texts, template.values);
      case 'choice':
        return this.#addParts(
          template,
          template.cases.map(({ is, gives }) => ({ prefix: toBinary(JSON.stringify(is)), value: gives })),
          {
            slot: this.#slotOf(template.of),
            other: template.other === undefined ? 0 : this.#template(template.other),
          },
        );
      case 'concat':
        return this.#addParts(
          template,
          template.lists.map((value) => ({ prefix: '', value })),
        );
      case 'array':
        return this.#addParts(
          template,
          template.items.map((value) => ({ prefix: '', value })),
        );
      case 'object':
        return this.#addParts(
          template,
          template.members.map(({ name, value }) => ({ prefix: toBinary(`,${JSON.stringify(name)}:`), value })),
        );
    }
  }

  #join(template: Template, texts: readonly string[], values: readonly JoinedValue[]): number {
    const address = this.#addTemplate(template);
    let part = 0;
    for (const [at, text] of texts.entries()) {
      const value = values[at];
      const slot = value === undefined ? 0 : this.#slotOf(value.of);
      const types = new Set(value?.types).values().reduce((bits, type) => bits | typeBits[type], 0);
      const spelled = toBinary(JSON.stringify(text).slice(1, -1));
      part = placed(this.exports.addJoined(address, part, ...this.#text(spelled), slot, types));
    }
    return address;
  }

  #addTemplate({ kind }: Template, { slot = 0, body = 0, other = 0, text = '' }: TemplateFields = {}): number {
    return placed(this.exports.addTemplate(templateKinds[kind], slot, body, other, ...this.#text(text)));
  }

  #addParts(
    template: Template,
    parts: readonly { readonly prefix: string; readonly value: Template }[],
    fields?: TemplateFields,
  ): number {
    const address = this.#addTemplate(template, fields);
    let part = 0;
    for (const { prefix, value } of parts) {
      part = placed(this.exports.addPart(address, part, ...this.#text(prefix), this.#template(value)));
    }
    return address;
  }
}

function placed(address: number): number {
  if (address === 0) throw new NoRoomError();
  return address;
}

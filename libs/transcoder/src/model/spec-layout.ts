import type { JoinedValue, ListShape, ProjectionSpec, Shape, Template } from './projection-spec.js';

/** Shapes that are read together, once per text or once per item of a list: they have consecutive slots, one each. */
export interface Region {
  readonly shape: Shape;
  readonly firstSlot: number;
  readonly slotCount: number;
}

export interface SpecLayout {
  readonly root: Region;
  readonly slots: ReadonlyMap<Shape, number>;
  readonly items: ReadonlyMap<ListShape, Region>;
  readonly slotCount: number;
}

/**
 * Gives every shape its slot.
 * @throws TypeError for a spec that no engine could follow: a shape that stands twice, a template that refers to a shape of another scope,
 * an inherited name as a key.
 */
export function layOut(spec: ProjectionSpec): SpecLayout {
  const slots = new Map<Shape, number>();
  const items = new Map<ListShape, Region>();

  const regionOf = (shape: Shape): Region => {
    const lists: ListShape[] = [];
    const firstSlot = slots.size;
    giveSlots(shape, slots, lists);
    const region = { shape, firstSlot, slotCount: slots.size - firstSlot };
    for (const list of lists) {
      const item = regionOf(list.item);
      items.set(list, item);
      checkTemplate(list.body, item, slots);
      if (list.flattens === true) checkList(list.body);
    }
    return region;
  };

  const root = regionOf(spec.root);
  for (const template of spec.writes) checkTemplate(template, root, slots);
  return { root, slots, items, slotCount: slots.size };
}

function giveSlots(shape: Shape, slots: Map<Shape, number>, lists: ListShape[]): void {
  if (slots.has(shape))
    throw new TypeError('A shape stands at two places of a projection spec: make an object of its own for each.');
  slots.set(shape, slots.size);
  if (shape.kind === 'list') {
    if (shape.limit !== undefined && !isCount(shape.limit))
      throw new TypeError(`A list cannot be limited to ${shape.limit} items.`);
    lists.push(shape);
  }
  if (shape.kind === 'entry') {
    if (!isCount(shape.index)) throw new TypeError(`A list has no entry ${shape.index}.`);
    giveSlots(shape.item, slots, lists);
  }
  if (shape.kind !== 'object') return;
  for (const { key, shape: member } of shape.members) {
    if (key in Object.prototype) throw new TypeError(`The key '${key}' cannot be read: every object has it.`);
    giveSlots(member, slots, lists);
  }
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function checkTemplate(template: Template, region: Region, slots: ReadonlyMap<Shape, number>): void {
  switch (template.kind) {
    case 'nothing':
      return;
    case 'text':
      checkText(template.json);
      return;
    case 'value':
      checkScope(template.of, region, slots);
      return;
    case 'object':
      for (const { value } of template.members) checkTemplate(value, region, slots);
      return;
    case 'array':
      for (const item of template.items) checkTemplate(item, region, slots);
      return;
    case 'concat':
      for (const list of template.lists) {
        checkTemplate(list, region, slots);
        checkList(list);
      }
      return;
    case 'within':
      checkScope(template.of, region, slots);
      checkTemplate(template.body, region, slots);
      return;
    case 'otherwise':
      checkTemplate(template.of, region, slots);
      checkTemplate(template.other, region, slots);
      return;
    case 'count':
      checkScope(template.of, region, slots);
      return;
    case 'join':
      checkJoin(template.texts, template.values);
      for (const { of } of template.values) checkScope(of, region, slots);
      return;
    case 'choice':
      checkScope(template.of, region, slots);
      for (const { gives } of template.cases) checkConstant(gives);
      if (template.other !== undefined) checkConstant(template.other);
  }
}

function checkList(template: Template): void {
  if (!givesList(template))
    throw new TypeError(`A template of kind '${template.kind}' stands where a list has to stand.`);
}

/** True if a template always gives a list, `null` or nothing. */
export function givesList(template: Template): boolean {
  switch (template.kind) {
    case 'nothing':
    case 'array':
    case 'concat':
      return true;
    case 'text':
      return template.json === 'null' || (template.json.startsWith('[') && !/^\[\s+\]$/.test(template.json));
    case 'value':
      return template.of.kind === 'list';
    case 'within':
      return givesList(template.body);
    case 'otherwise':
      return givesList(template.of) && givesList(template.other);
    default:
      return false;
  }
}

function checkJoin(texts: readonly string[], values: readonly JoinedValue[]): void {
  if (texts.length !== values.length + 1) {
    throw new TypeError(`${texts.length} texts cannot stand around ${values.length} values: there has to be one more.`);
  }
  const half = texts.find((text) => !text.isWellFormed());
  if (half !== undefined) throw new TypeError(`A joined text has half of a surrogate pair: ${JSON.stringify(half)}`);
}

function checkConstant(template: Template): void {
  if (template.kind === 'text') checkText(template.json);
  else if (template.kind !== 'nothing')
    throw new TypeError(`A choice is between texts and nothing: not a template of kind '${template.kind}'.`);
}

function checkText(json: string): void {
  try {
    JSON.parse(json);
  } catch (cause) {
    throw new TypeError(`A template's text is not JSON: ${json}`, { cause });
  }
}

function checkScope(shape: Shape, { firstSlot, slotCount }: Region, slots: ReadonlyMap<Shape, number>): void {
  const slot = slots.get(shape);
  if (slot === undefined || slot < firstSlot || slot >= firstSlot + slotCount) {
    throw new TypeError(`A template speaks of a ${shape.kind} that is not read where it is written.`);
  }
}

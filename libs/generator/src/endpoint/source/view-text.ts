import { quote } from '../../codegen/source-text.js';
import type { ObjectShape, Shape } from '../client/shape.js';
import { key, member } from '../planner/member-text.js';
import { itemName } from '../planner/names.js';
import type { PlannedPart } from '../planner/planned-screen.js';

/** Objects in objects whose members the view names: the response, and the items of its lists. */
const namedDepth = 1;

/** The text of a view, and the words of `@frontage/aggregation` that it uses. */
export class ViewText {
  readonly words = new Set<string>();

  /** The object of the response: a member for each part that has something to show. */
  of(parts: readonly PlannedPart[]): string {
    const members = parts
      .filter(({ shape }) => shape.kind !== 'nothing')
      .map((part) => `${key(part.member)}: ${this.#part(part)}`);
    if (members.length === 0) return `{ done: ${this.#use('fixed')}(true) }`;
    return `{ ${members.join(', ')} }`;
  }

  #part({ name, verb, shape }: PlannedPart): string {
    if (verb !== 'optional') return this.#value(name, shape, 0, name);
    // A part that may be missing is taken as a whole: null where it is.
    const whole =
      shape.kind === 'object' && this.#isNested(shape, 0)
        ? this.#within(name, shape, 0)
        : this.#value(name, shape, 0, name);
    return `${this.#use('orNull')}(${whole})`;
  }

  #value(text: string, shape: Shape, depth: number, name: string): string {
    if (shape.kind === 'list') return this.#list(text, shape.item, depth, name);
    if (shape.kind !== 'object' || depth > namedDepth) return text;
    if (!this.#isNested(shape, depth)) return this.#pick(text, shape);
    return shape.isNil ? this.#within(text, shape, depth) : this.#members(text, shape, depth);
  }

  #list(text: string, item: Shape, depth: number, name: string): string {
    if (item.kind !== 'object' || depth > namedDepth) return text;
    const one = itemName(name);
    return `${this.#use('list')}(${text}, (${one}) => ${parenthesized(this.#value(one, item, namedDepth, one))})`;
  }

  #pick(text: string, { members }: ObjectShape): string {
    return `${this.#use('pick')}(${[text, ...members.map(({ name }) => quote(name))].join(', ')})`;
  }

  #within(text: string, shape: ObjectShape, depth: number): string {
    return `${this.#use('within')}(${text}, (value) => (${this.#members('value', shape, depth)}))`;
  }

  #members(text: string, shape: ObjectShape, depth: number): string {
    const nested = shape.members.filter((one) => isExpanded(one.shape, depth));
    const plain = shape.members.filter((one) => !nested.includes(one));
    return `{ ${[
      ...(plain.length === 0 ? [] : [`...${this.#pick(text, { ...shape, members: plain })}`]),
      ...nested.map(({ name, shape: own }) => `${key(name)}: ${this.#value(member(text, name), own, depth + 1, name)}`),
    ].join(', ')} }`;
  }

  #isNested({ members }: ObjectShape, depth: number): boolean {
    return members.some(({ shape }) => isExpanded(shape, depth));
  }

  #use(word: string): string {
    this.words.add(word);
    return word;
  }
}

/** True if a member is written member by member, or as a whole. */
function isExpanded(shape: Shape, depth: number): boolean {
  if (depth >= namedDepth) return false;
  return shape.kind === 'object' || (shape.kind === 'list' && shape.item.kind === 'object');
}

const parenthesized = (text: string): string => (text.startsWith('{') ? `(${text})` : text);

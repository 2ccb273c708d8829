import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { UsageError } from '../terminal/command.errors.js';

/** A JSON file that people edit too, with comments and commas at the end of lists: an addition leaves every other byte as it is. */
export class JsonFile {
  readonly #root: Node;

  /**
   * @param file as a person in the workspace would write it, for messages
   * @throws {UsageError} naming file, line and column where the text is no JSON
   */
  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    const mistakes: ParseError[] = [];
    const root = parseTree(text, mistakes, { allowTrailingComma: true });
    const [mistake] = mistakes;
    if (mistake !== undefined)
      throw new UsageError(`${this.#place(mistake.offset)}: this is no JSON: ${inWords(mistake)}`);
    if (root?.type !== 'object') throw new UsageError(`${file}:1:1: an object is expected`);
    this.#root = root;
  }

  /** The value of a member at the root, as data. */
  read(name: string): unknown {
    const node = this.#find(name);
    const value: unknown = node && getNodeValue(node);
    return value;
  }

  /**
   * The text with a member added to an object at the root.
   * @param after the member that it follows. @default the last one
   * @throws {UsageError} where there is no such object
   */
  withMember(container: string, name: string, value: unknown, after?: string): string {
    const object = this.#at(container, 'object');
    const present = object.children ?? [];
    const position = present.findIndex(({ children = [] }) => children[0]?.value === after);
    return this.#insert(object, present, position, (indent, unit) => {
      const lines = JSON.stringify(value, null, unit).replaceAll('\n', this.#lineBreak + indent);
      return `${JSON.stringify(name)}: ${lines}`;
    });
  }

  /**
   * The text with a member added at the root.
   * @param after the member that it follows. @default the last one
   */
  withRootMember(name: string, value: unknown, after?: string): string {
    const present = this.#root.children ?? [];
    const position = present.findIndex(({ children = [] }) => children[0]?.value === after);
    return this.#insert(this.#root, present, position, (indent, unit) => {
      const lines = JSON.stringify(value, null, unit).replaceAll('\n', this.#lineBreak + indent);
      return `${JSON.stringify(name)}: ${lines}`;
    });
  }

  /** The text without the items of a list at the root whose `path` is this one. */
  withoutItem(container: string, path: string): string {
    const items = this.#find(container)?.children ?? [];
    return this.#without(
      container,
      items.findIndex((item) => getNodeValue(findNodeAtLocation(item, ['path']) ?? item) === path),
    );
  }

  /** The text without a member of an object at the root. */
  withoutMember(container: string, name: string): string {
    const members = this.#find(container)?.children ?? [];
    return this.#without(
      container,
      members.findIndex(({ children = [] }) => children[0]?.value === name),
    );
  }

  /** The text with another value in the place of a text, wherever it stands. Nothing changes where there is no text. */
  withText(way: readonly string[], value: string): string {
    const node = findNodeAtLocation(this.#root, [...way]);
    if (node?.type !== 'string') return this.text;
    return this.text.slice(0, node.offset) + JSON.stringify(value) + this.text.slice(endOf(node));
  }

  /** The text with an item, on one line, added at the end of a list at the root. @throws {UsageError} where there is no such list */
  withItem(container: string, value: Readonly<Record<string, string>>): string {
    const list = this.#at(container, 'array');
    const members = Object.entries(value).map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`);
    return this.#insert(list, list.children ?? [], -1, () => `{ ${members.join(', ')} }`);
  }

  #without(container: string, index: number): string {
    const { text } = this;
    const outer = this.#find(container);
    const present = outer?.children ?? [];
    const [previous, item, next] = [present[index - 1], present[index], present[index + 1]];
    if (outer === undefined || item === undefined) return text;
    if (previous === undefined && next === undefined) {
      const [start, end] = [outer.offset + 1, endOf(outer) - 1];
      const rest = text.slice(start, item.offset) + text.slice(endOf(item), end);
      // Nothing is left but perhaps a comma; comments stay.
      const kept = /^[\s,]*$/.test(rest) ? '' : rest.replace(',', '');
      return text.slice(0, start) + kept + text.slice(end);
    }
    // The comma and the space towards a neighbour go with it.
    const from = previous === undefined ? item.offset : endOf(previous);
    const to = previous === undefined && next !== undefined ? next.offset : endOf(item);
    return text.slice(0, from) + text.slice(to);
  }

  #insert(
    container: Node,
    present: readonly Node[],
    position: number,
    render: (indent: string, unit: string) => string,
  ): string {
    const { text } = this;
    const unit = /^[ \t]+(?=\S)/m.exec(text)?.[0] ?? '  ';
    const before = present.at(position);
    if (before === undefined) {
      const outer = /[ \t]*/.exec(this.#lineUpTo(container))?.[0] ?? '';
      const inner = render(outer + unit, unit);
      const lines = [text.slice(0, container.offset + 1), outer + unit + inner, outer];
      return lines.join(this.#lineBreak) + text.slice(endOf(container) - 1);
    }
    const line = this.#lineUpTo(present[0] ?? before);
    const indent = line.trim() === '' ? line : undefined;
    const added = `${indent === undefined ? ' ' : this.#lineBreak + indent}${render(indent ?? '', unit)}`;
    const comma = this.#commaAfter(before);
    // A comma at the very end, which some of these files allow, stays the last thing.
    const [at, insertion] = comma === undefined ? [endOf(before), `,${added}`] : [comma + 1, `${added},`];
    return text.slice(0, at) + insertion + text.slice(at);
  }

  /** The offset of the comma that follows a node; comments may stand between. */
  #commaAfter(node: Node): number | undefined {
    const scanner = createScanner(this.text, true);
    scanner.setPosition(endOf(node));
    scanner.scan();
    const offset = scanner.getTokenOffset();
    return this.text[offset] === ',' ? offset : undefined;
  }

  /** The text before a node on its line. */
  #lineUpTo({ offset }: Node): string {
    return this.text.slice(this.text.lastIndexOf('\n', offset - 1) + 1, offset);
  }

  get #lineBreak(): string {
    return this.text.includes('\r\n') ? '\r\n' : '\n';
  }

  #find(name: string): Node | undefined {
    return findNodeAtLocation(this.#root, [name]);
  }

  #at(name: string, type: 'object' | 'array'): Node {
    const node = this.#find(name);
    if (node?.type === type) return node;
    const expected = node === undefined ? 'a member' : type === 'object' ? 'an object' : 'a list';
    throw new UsageError(
      `${this.file} has no ${JSON.stringify(name)} as Frontage needs it: ${expected} is expected there`,
    );
  }

  #place(offset: number): string {
    const lines = this.text.slice(0, offset).split(/\r\n|\n|\r/);
    return `${this.file}:${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
  }
}

const endOf = ({ offset, length }: Node): number => offset + length;

/** `ColonExpected` is "colon expected". */
const inWords = ({ error }: ParseError): string =>
  printParseErrorCode(error)
    .replace(/(?<=[a-z])[A-Z]/g, ' $&')
    .toLowerCase();

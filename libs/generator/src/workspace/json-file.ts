import ts from 'typescript';
import { UsageError } from '../terminal/command.errors.js';

/** A JSON file that people edit too, comments and all: what is added to it leaves every other byte as it is. */
export class JsonFile {
  readonly #source: ts.JsonSourceFile;
  readonly #root: ts.ObjectLiteralExpression;

  /**
   * @param file as a person in the workspace would write it, for messages
   * @throws {UsageError} naming file, line and column where the text is no JSON
   */
  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    this.#source = ts.parseJsonText(file, text);
    const mistake = firstMistake(this.#source);
    if (mistake !== undefined) {
      const { line, character } = this.#source.getLineAndCharacterOfPosition(mistake.start ?? 0);
      const message = ts.flattenDiagnosticMessageText(mistake.messageText, ' ');
      throw new UsageError(`${file}:${line + 1}:${character + 1}: this is no JSON: ${message}`);
    }
    const root = this.#source.statements[0]?.expression;
    if (root === undefined || !ts.isObjectLiteralExpression(root))
      throw new UsageError(`${file}:1:1: an object is expected`);
    this.#root = root;
  }

  /** The value of a member at the root, as data. */
  read(name: string): unknown {
    const member = this.#root.properties.find((property) => nameOf(property) === name);
    return member !== undefined && ts.isPropertyAssignment(member) ? this.#value(member.initializer) : undefined;
  }

  /**
   * The text with a member added to an object at the root.
   * @param after the member that it follows. @default the last one
   * @throws {UsageError} where there is no such object
   */
  withMember(container: string, name: string, value: unknown, after?: string): string {
    const object = this.#at(container);
    if (!ts.isObjectLiteralExpression(object)) throw this.#misses(container, 'an object');
    const position = object.properties.findIndex((property) => nameOf(property) === after);
    return this.#insert(object, object.properties, position, (indent, unit) => {
      const lines = JSON.stringify(value, null, unit).replaceAll('\n', this.#lineBreak + indent);
      return `${JSON.stringify(name)}: ${lines}`;
    });
  }

  /** The text with an item, on one line, added at the end of a list at the root. @throws {UsageError} where there is no such list */
  withItem(container: string, value: Readonly<Record<string, string>>): string {
    const list = this.#at(container);
    if (!ts.isArrayLiteralExpression(list)) throw this.#misses(container, 'a list');
    const members = Object.entries(value).map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`);
    return this.#insert(list, list.elements, -1, () => `{ ${members.join(', ')} }`);
  }

  #insert(
    container: ts.Expression,
    present: ts.NodeArray<ts.Node>,
    position: number,
    render: (indent: string, unit: string) => string,
  ): string {
    const { text } = this;
    const unit = /^[ \t]+(?=\S)/m.exec(text)?.[0] ?? '  ';
    const before = present.at(position);
    if (before === undefined) {
      const outer = /[ \t]*/.exec(this.#lineUpTo(container))?.[0] ?? '';
      const inner = render(outer + unit, unit);
      const lines = [text.slice(0, container.getStart(this.#source) + 1), outer + unit + inner, outer];
      return lines.join(this.#lineBreak) + text.slice(container.getEnd() - 1);
    }
    const line = this.#lineUpTo(present[0] ?? before);
    const indent = line.trim() === '' ? line : undefined;
    const added = `${indent === undefined ? ' ' : this.#lineBreak + indent}${render(indent ?? '', unit)}`;
    const end = before.getEnd();
    // A comma at the very end, which some of these files allow, goes on being the last thing.
    const [at, insertion] =
      before === present.at(-1) && !present.hasTrailingComma
        ? [end, `,${added}`]
        : [text.indexOf(',', end) + 1, `${added},`];
    return text.slice(0, at) + insertion + text.slice(at);
  }

  /** What stands before a node on its line. */
  #lineUpTo(node: ts.Node): string {
    const start = node.getStart(this.#source);
    return this.text.slice(this.text.lastIndexOf('\n', start) + 1, start);
  }

  get #lineBreak(): string {
    return this.text.includes('\r\n') ? '\r\n' : '\n';
  }

  #at(name: string): ts.Expression {
    const member = this.#root.properties.find((property) => nameOf(property) === name);
    if (member === undefined || !ts.isPropertyAssignment(member)) throw this.#misses(name, 'a member');
    return member.initializer;
  }

  #value(node: ts.Expression): unknown {
    if (ts.isObjectLiteralExpression(node)) {
      const members = node.properties.filter(ts.isPropertyAssignment);
      return Object.fromEntries(members.map((member) => [nameOf(member) ?? '', this.#value(member.initializer)]));
    }
    if (ts.isArrayLiteralExpression(node)) return node.elements.map((item) => this.#value(item));
    return ts.isStringLiteral(node) ? node.text : JSON.parse(node.getText(this.#source));
  }

  #misses(name: string, what: string): UsageError {
    return new UsageError(
      `${this.file} has no ${JSON.stringify(name)} as Frontage needs it: ${what} is expected there`,
    );
  }
}

/** What the parser of TypeScript complains of is there, but not among its declared members. */
function firstMistake(source: ts.JsonSourceFile): ts.Diagnostic | undefined {
  return 'parseDiagnostics' in source ? (source.parseDiagnostics as readonly ts.Diagnostic[])[0] : undefined;
}

function nameOf(property: ts.ObjectLiteralElementLike): string | undefined {
  return property.name !== undefined && ts.isStringLiteral(property.name) ? property.name.text : undefined;
}

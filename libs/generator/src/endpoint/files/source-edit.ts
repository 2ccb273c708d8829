import ts from 'typescript';

/** An insertion into a text that people edit too: every other byte stays as it is. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

export function withInsertions(text: string, insertions: readonly Insertion[]): string {
  return insertions
    .toSorted((one, other) => other.at - one.at)
    .reduce((edited, { at, text: added }) => edited.slice(0, at) + added + edited.slice(at), text);
}

export const parseSource = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);

/** An item at the end of a list in brackets, on the lines or the line of the others. */
export function itemAtEnd(list: ts.ArrayLiteralExpression, item: string): Insertion {
  const { elements } = list;
  const last = elements.at(-1);
  const source = list.getSourceFile().text;
  if (last === undefined) return { at: list.getEnd() - 1, text: item };
  const comma = elements.hasTrailingComma ? '' : ',';
  const at = elements.hasTrailingComma ? elements.end : last.getEnd();
  const begin = last.getStart();
  const before = source.slice(source.lastIndexOf('\n', begin) + 1, begin);
  const isOwnLine = before.trim() === '';
  return { at, text: `${comma}${isOwnLine ? `\n${before}` : ' '}${item}${elements.hasTrailingComma ? ',' : ''}` };
}

/** An import after the last one. */
export function importAtEnd(file: ts.SourceFile, line: string): Insertion {
  const last = file.statements.findLast((statement) => ts.isImportDeclaration(statement));
  return last === undefined ? { at: 0, text: `${line}\n` } : { at: last.getEnd(), text: `\n${line}` };
}

/** The value of a member of an object literal. */
export function memberOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = object.properties.find(
    (one): one is ts.PropertyAssignment =>
      ts.isPropertyAssignment(one) &&
      (ts.isIdentifier(one.name) || ts.isStringLiteral(one.name)) &&
      one.name.text === name,
  );
  return found?.initializer;
}

/** Every node below a node for which a test holds. */
export function* nodesBelow<N extends ts.Node>(node: ts.Node, is: (one: ts.Node) => one is N): Generator<N> {
  for (const child of node.getChildren()) {
    if (is(child)) yield child;
    yield* nodesBelow(child, is);
  }
}

/** Calls of a function of this name, `createGateway(...)` or `AppUnderTest.start(...)`. */
export function callsOf(file: ts.SourceFile, name: string): ts.CallExpression[] {
  return [...nodesBelow(file, ts.isCallExpression)].filter(({ expression }) => expression.getText(file) === name);
}

/** A node of the syntax tree, as the linter gives it. */
export interface Node {
  readonly type: string;
  readonly range: readonly [number, number];
  readonly [member: string]: unknown;
}

export interface Fixer {
  insertTextBeforeRange(range: readonly [number, number], text: string): unknown;
  insertTextAfterRange(range: readonly [number, number], text: string): unknown;
  replaceTextRange(range: readonly [number, number], text: string): unknown;
}

export interface RuleContext {
  readonly sourceCode: { getText(node: never): string };
  report(diagnostic: { readonly node: never; readonly message: string; readonly fix?: (fixer: Fixer) => never }): void;
}

/** The state of the walk: the names that are references, and the function of a screen that it is in. */
export interface Scope {
  readonly where: 'plan' | 'view';
  readonly references: ReadonlySet<string>;
  /** Inside a function of values: `compute`, `test`, `step`. */
  readonly pure: boolean;
}

export interface File {
  readonly context: RuleContext;
  /** The exports of ours that this file imports, by local name. */
  readonly imported: ReadonlyMap<string, string>;
  /** The last imported name: another one is added after it. */
  readonly lastImport: Node | undefined;
}

export type Check = (node: Node, scope: Scope, file: File) => void;

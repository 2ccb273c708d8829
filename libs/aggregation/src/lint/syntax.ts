/** A node of the syntax tree, as the linter hands it over. */
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

/** Where the walk is: which names are references, and in which of the two functions of a screen. */
export interface Scope {
  readonly where: 'plan' | 'answer';
  readonly references: ReadonlySet<string>;
  /** In a function that gets values: `compute`, `test`, `step`. */
  readonly pure: boolean;
}

export interface File {
  readonly context: RuleContext;
  /** Names of what this file imports of ours, by local name. */
  readonly imported: ReadonlyMap<string, string>;
  /** The last of the imported names: another one is added behind it. */
  readonly lastImport: Node | undefined;
}

export type Check = (node: Node, scope: Scope, file: File) => void;

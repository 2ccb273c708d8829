import { MagicString } from 'magic-string';
import ts from 'typescript';

/** New names by module, and then by the name that it had. */
export type RenamedImports = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Renames what a source imports, and its uses. A name that the source also declares, or whose new name it uses already, keeps its uses: it is
 * imported as what it was.
 */
export function withRenamedImports(path: string, text: string, renamed: RenamedImports): string {
  if (!Object.keys(renamed).some((module) => text.includes(module))) return text;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const edited = new MagicString(text);
  for (const specifier of specifiersOf(file)) {
    const { module, node } = specifier;
    const imported = node.propertyName ?? node.name;
    const next = own(own(renamed, module), imported.text);
    if (next === undefined) continue;
    const isAlias = node.propertyName !== undefined;
    const uses = isAlias ? [] : usesOf(file, imported.text, node);
    if (isAlias || uses === undefined || names(file).has(next))
      edited.overwrite(imported.getStart(), imported.end, isAlias ? next : `${next} as ${imported.text}`);
    else {
      edited.overwrite(imported.getStart(), imported.end, next);
      for (const use of uses) {
        const isShorthand = ts.isShorthandPropertyAssignment(use.parent) || ts.isExportSpecifier(use.parent);
        const kept = ts.isExportSpecifier(use.parent) ? `${next} as ${use.text}` : `${use.text}: ${next}`;
        edited.overwrite(use.getStart(), use.end, isShorthand ? kept : next);
      }
    }
  }
  return edited.toString();
}

interface FoundSpecifier {
  readonly module: string;
  readonly node: ts.ImportSpecifier;
}

function specifiersOf(file: ts.SourceFile): FoundSpecifier[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const { text: module } = statement.moduleSpecifier;
    const bindings = statement.importClause?.namedBindings;
    return bindings !== undefined && ts.isNamedImports(bindings)
      ? bindings.elements.map((node) => ({ module, node }))
      : [];
  });
}

/** Undefined where the source declares the name a second time. */
function usesOf(file: ts.SourceFile, name: string, specifier: ts.ImportSpecifier): ts.Identifier[] | undefined {
  const uses: ts.Identifier[] = [];
  const others: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (node === specifier) return;
    if (ts.isIdentifier(node) && node.text === name) {
      const { parent } = node;
      if (isMemberName(node, parent)) return;
      (isDeclaredName(node, parent) ? others : uses).push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return others.length === 0 ? uses : undefined;
}

/** `a` of `x.a`, of `{ a: 1 }`, of `T.a`, and of an import of another module. */
const isMemberName = (node: ts.Identifier, parent: ts.Node): boolean =>
  (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
  (ts.isQualifiedName(parent) && parent.right === node) ||
  ((ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isEnumMember(parent)) &&
    parent.name === node) ||
  (ts.isBindingElement(parent) && parent.propertyName === node) ||
  (ts.isImportSpecifier(parent) && parent.propertyName === node) ||
  (ts.isExportSpecifier(parent) && parent.propertyName !== undefined && parent.name === node);

const isDeclaredName = (node: ts.Identifier, parent: ts.Node): boolean =>
  'name' in parent &&
  parent.name === node &&
  !ts.isExportSpecifier(parent) &&
  !ts.isShorthandPropertyAssignment(parent);

function names(file: ts.SourceFile): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) found.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const own = <T>(object: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;

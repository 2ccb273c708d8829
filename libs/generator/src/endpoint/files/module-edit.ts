import ts from 'typescript';
import {
  importAtEnd,
  itemAtEnd,
  memberOf,
  nodesBelow,
  parseSource,
  withInsertions,
  type Insertion,
} from './source-edit.js';

/**
 * The text of a module with a controller more.
 * @param controller its class, and the path of its file without the extension, from the module
 * @returns undefined where the text has no `@Module({ ... })` to which a controller can be added
 */
export function withController(
  path: string,
  text: string,
  controller: { readonly className: string; readonly specifier: string },
): string | undefined {
  const file = parseSource(path, text);
  const { className, specifier } = controller;
  const isImported = file.statements.some(
    (one) =>
      ts.isImportDeclaration(one) && ts.isStringLiteral(one.moduleSpecifier) && one.moduleSpecifier.text === specifier,
  );
  const settings = moduleSettings(file);
  if (settings === undefined) return undefined;
  const list = memberOf(settings, 'controllers');
  const insertions: Insertion[] = [];
  if (!isImported) insertions.push(importAtEnd(file, `import { ${className} } from '${specifier}';`));
  if (list === undefined) {
    const hasOther = settings.properties.length > 0;
    insertions.push({ at: settings.getStart() + 1, text: ` controllers: [${className}]${hasOther ? ',' : ' '}` });
  } else if (!ts.isArrayLiteralExpression(list)) return undefined;
  else if (!list.elements.some((one) => one.getText(file) === className)) insertions.push(itemAtEnd(list, className));
  return withInsertions(text, insertions);
}

/** The object of the first `@Module({ ... })`. */
function moduleSettings(file: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  for (const { expression } of nodesBelow(file, ts.isDecorator)) {
    if (!ts.isCallExpression(expression) || expression.expression.getText(file) !== 'Module') continue;
    const [settings] = expression.arguments;
    if (settings !== undefined && ts.isObjectLiteralExpression(settings)) return settings;
  }
  return undefined;
}

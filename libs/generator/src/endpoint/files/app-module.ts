import { join, dirname, basename } from 'node:path';
import ts from 'typescript';
import type { ReadText } from './read-text.js';
import { callsOf, parseSource } from './source-edit.js';

/** The file of the root module of an app: the one that `main.ts` gives to `createGateway`, else `src/<app>.module.ts`. */
export async function findModule(folder: string, read: ReadText): Promise<string> {
  const main = join(folder, 'src', 'main.ts');
  const usual = join(folder, 'src', `${basename(folder)}.module.ts`);
  const text = await read(main);
  if (text === undefined) return usual;
  const file = parseSource(main, text);
  const [made] = callsOf(file, 'createGateway');
  const name = made?.arguments[0]?.getText(file);
  for (const statement of file.statements.filter(ts.isImportDeclaration)) {
    const bindings = statement.importClause?.namedBindings;
    const isNamed =
      bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.some((one) => one.name.text === name);
    if (isNamed && ts.isStringLiteral(statement.moduleSpecifier) && statement.moduleSpecifier.text.startsWith('.'))
      return join(dirname(main), statement.moduleSpecifier.text.replace(/\.js$/, '.ts'));
  }
  return usual;
}

import ts from 'typescript';
import { nodesBelow, parseSource } from '../endpoint/files/source-edit.js';

/**
 * The name under which a file exports the screen of a plan: `homeScreen` of `export const homeScreen = screen(homePlan, ...)`.
 * @returns undefined where the source does not say it in this form
 */
export function screenExport(path: string, text: string, plan: string): string | undefined {
  const file = parseSource(path, text);
  const plans = new Map<string, string>();
  const screens: { readonly name: string; readonly plan: string | undefined; readonly own: string | undefined }[] = [];
  for (const statement of nodesBelow(file, ts.isVariableStatement)) {
    const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || initializer === undefined) continue;
      const planName = nameOfPlan(initializer);
      if (planName !== undefined) plans.set(name.text, planName);
      const [first] = argumentsOf(initializer, 'screen') ?? [];
      if (first === undefined || !isExported) continue;
      screens.push({
        name: name.text,
        plan: ts.isIdentifier(first) ? first.text : undefined,
        own: nameOfPlan(first),
      });
    }
  }
  return screens.find((one) => (one.own ?? plans.get(one.plan ?? '')) === plan)?.name;
}

function nameOfPlan(expression: ts.Expression): string | undefined {
  const [name] = argumentsOf(expression, 'plan') ?? [];
  return name !== undefined && ts.isStringLiteralLike(name) ? name.text : undefined;
}

const argumentsOf = (expression: ts.Expression, word: string): readonly ts.Expression[] | undefined =>
  ts.isCallExpression(expression) && ts.isIdentifier(expression.expression) && expression.expression.text === word
    ? expression.arguments
    : undefined;

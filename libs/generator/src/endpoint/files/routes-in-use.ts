import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { nodesBelow, parseSource } from './source-edit.js';

/** A route of an app, as its source says it. */
export interface RouteInUse {
  readonly method: string;
  /** `/orders/:id` */
  readonly path: string;
  /** From the root of the workspace, with the line: `apps/tv/src/orders/orders.controller.ts:12`. */
  readonly place: string;
  /** The folder below `src`, `orders`. */
  readonly folder: string;
}

const methods: ReadonlySet<string> = new Set(['Get', 'Post', 'Put', 'Patch', 'Delete', 'All']);

/** The routes of the controllers of an app, read as text; a path that is computed is not known. */
export function routesInUse(root: string, app: string): readonly RouteInUse[] {
  const src = join(root, 'apps', app, 'src');
  if (!existsSync(src)) return [];
  const files = readdirSync(src, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'),
  );
  return files.flatMap(({ parentPath, name }) => {
    const path = join(parentPath, name);
    const text = readFileSync(path, 'utf8');
    return text.includes('@Controller') ? routesOf(root, src, path, text) : [];
  });
}

function routesOf(root: string, src: string, path: string, text: string): RouteInUse[] {
  const file = parseSource(path, text);
  const shown = relative(root, path).replaceAll(sep, '/');
  const folder = relative(src, path).split(sep)[0] ?? '';
  return [...nodesBelow(file, ts.isClassDeclaration)].flatMap((controller) => {
    const base = decoratorsOf(controller).find(({ name }) => name === 'Controller');
    if (base === undefined) return [];
    return controller.members.flatMap((member) =>
      decoratorsOf(member).flatMap(({ name, paths, node }) => {
        if (!methods.has(name)) return [];
        const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        const all = base.paths.flatMap((before) => paths.map((after) => joined(before, after)));
        return all.map((one) => ({ method: name.toUpperCase(), path: one, place: `${shown}:${line}`, folder }));
      }),
    );
  });
}

interface Decorator {
  readonly name: string;
  readonly paths: readonly string[];
  readonly node: ts.Node;
}

function decoratorsOf(node: ts.Node): Decorator[] {
  const decorators = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return decorators.flatMap(({ expression }) => {
    if (!ts.isCallExpression(expression) || !ts.isIdentifier(expression.expression)) return [];
    const [path] = expression.arguments;
    const items = path !== undefined && ts.isArrayLiteralExpression(path) ? [...path.elements] : [path];
    const paths = items.flatMap((one) => {
      if (one === undefined) return [''];
      return ts.isStringLiteralLike(one) ? [one.text] : [];
    });
    return [{ name: expression.expression.text, paths, node: expression }];
  });
}

const joined = (one: string, other: string): string =>
  `/${[one, other]
    .flatMap((path) => path.split('/'))
    .filter((segment) => segment !== '')
    .join('/')}`;

/** True if two routes take the same requests: names of parameters make no difference. */
export const isSameRoute = (one: { method: string; path: string }, other: { method: string; path: string }): boolean =>
  (one.method === other.method || one.method === 'ALL') &&
  one.path.replaceAll(/:\w+/g, ':') === other.path.replaceAll(/:\w+/g, ':');

import ts from 'typescript';
import { callsOf, itemAtEnd, memberOf, parseSource, withInsertions, type Insertion } from './source-edit.js';

/** The facts about a new endpoint that the test of an app has to know. */
export interface EndpointRow {
  /** `GET /orders/:id` */
  readonly route: string;
  /** The text of the row. */
  readonly text: string;
  readonly upstreams: readonly string[];
}

/**
 * The text of an `<app>.e2e-spec.ts` with a row more in its `endpointSuite`, and with the upstreams that the endpoint calls.
 * @returns undefined where the text has no `endpointSuite(() => app, [ ... ])`
 */
export function withEndpoint(path: string, text: string, row: EndpointRow): string | undefined {
  const file = parseSource(path, text);
  const [suite] = callsOf(file, 'endpointSuite');
  const rows = suite?.arguments[1];
  if (rows === undefined || !ts.isArrayLiteralExpression(rows)) return undefined;
  const insertions: Insertion[] = [];
  const known = rows.elements.find((one) => routeOf(one) === row.route);
  if (known === undefined) insertions.push(itemAtEnd(rows, row.text));
  const [start] = callsOf(file, 'AppUnderTest.start');
  const options = start?.arguments[1];
  const list =
    options !== undefined && ts.isObjectLiteralExpression(options) ? memberOf(options, 'upstreams') : undefined;
  if (list !== undefined && ts.isArrayLiteralExpression(list)) {
    const names = new Set(list.elements.flatMap((one) => (ts.isStringLiteral(one) ? [one.text] : [])));
    const missing = row.upstreams.filter((name) => !names.has(name)).map((name) => `'${name}'`);
    if (missing.length > 0) insertions.push(itemAtEnd(list, missing.join(', ')));
  }
  return withInsertions(text, insertions);
}

/** The text without the rows of its `endpointSuite`. */
export function withoutEndpoints(path: string, text: string): string {
  const rows = callsOf(parseSource(path, text), 'endpointSuite')[0]?.arguments[1];
  if (rows === undefined || !ts.isArrayLiteralExpression(rows)) return text;
  return `${text.slice(0, rows.getStart())}[]${text.slice(rows.getEnd())}`;
}

function routeOf(row: ts.Expression): string | undefined {
  const route = ts.isObjectLiteralExpression(row) ? memberOf(row, 'route') : undefined;
  return route !== undefined && ts.isStringLiteral(route) ? route.text : undefined;
}

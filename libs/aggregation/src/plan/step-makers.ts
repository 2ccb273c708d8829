import { callSite } from '../model/call-site.js';
import { inclusion, recordNode } from '../model/construction.js';
import { Refusal, type FieldPath, type Problem, type StepNode } from '../model/nodes.js';
import { fieldPathOf } from '../model/references.js';
import type { Schema } from '../model/schema.js';
import { isProblem, readyRefusal, recorded, type Verb } from './node-makers.js';

/**
 * A rule over parts that may be missing: the request ends with the refusal where it does not hold.
 * @throws {TypeError} for anything but parts, and for a refusal with references
 */
export function makeRule(verb: Verb, given: readonly unknown[], refusal: unknown): void {
  const source = callSite(verb);
  const what = `atLeastOne(...) at ${source}`;
  const deps = given.map((part, index): readonly [string, FieldPath] => {
    const field = fieldPathOf(part);
    if (field === undefined || field.path.length > 0)
      throw new TypeError(`${what} takes parts: atLeastOne([first, second])`);
    return [String(index), field];
  });
  const otherwise = refusal === undefined ? nothingThere : readyRefusal(refusal);
  if (otherwise === undefined || deps.length === 0 || otherwise.args.some(({ kind }) => kind !== 'literal'))
    throw new TypeError(`${what} takes one part or more, and a problem whose text needs no references`);
  const node: StepNode = {
    kind: 'step',
    schema: undefined,
    deps,
    refuses: [['none', otherwise.problem]],
    isRule: true,
    run: (seen) =>
      Object.entries(seen).some(([name, part]) => name !== 'none' && isPresent(part)) ? undefined : otherwise,
    source,
    ...inclusion(),
  };
  recordNode(node, 'atLeastOne');
}

const isPresent = (part: unknown): boolean =>
  typeof part !== 'object' || part === null || !('ok' in part) || part.ok === true;

const nothingThere = new Refusal(
  { status: 502, code: 'GW_UPSTREAM_FAILED' },
  [],
  () => 'None of the services behind this page gave what it shows.',
);

export function makeStep(
  verb: Verb,
  schema: Schema<unknown> | undefined,
  given: Readonly<Record<string, unknown>>,
  run: (seen: never) => unknown,
): never {
  const source = callSite(verb);
  const deps: (readonly [string, FieldPath])[] = [];
  const refuses: (readonly [string, Problem])[] = [];
  for (const [name, dep] of Object.entries(given)) {
    const field = fieldPathOf(dep);
    if (field !== undefined) deps.push([name, field]);
    else if (isProblem(dep)) refuses.push([name, dep]);
    else
      throw new TypeError(
        `'${name}' of step(...) at ${source} is neither a reference nor a problem: a constant needs no mention, use it in the function`,
      );
  }
  // `seen` has exactly the names of `deps` and `refuses`, whose types `run` was checked against.
  const node: StepNode = {
    kind: 'step',
    schema,
    deps,
    refuses,
    run: (seen) => run(seen as never),
    source,
    ...inclusion(),
  };
  return recorded(node, 'step');
}

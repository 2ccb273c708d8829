import type { Failure } from '@frontage/core';
import { compileView } from '../evaluate/compile-view.js';
import { ViewCompiler } from '../evaluate/view-compiler.js';
import type { Finished } from '../run/plan-result.js';
import { plainValues } from '../run/projected-document.js';
import type { Screen } from '../view/screen.js';

/** The values of headers and cookies of one response, before they are written. */
export interface RenderedHead {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly cookies: Readonly<Record<string, unknown>>;
  /** Seconds, by the name of the cookie. */
  readonly maxAges: Readonly<Record<string, unknown>>;
}

type RenderHead = (
  result: Finished,
  input: unknown,
) => RenderedHead | { readonly part: string; readonly failure: Failure };

/**
 * Compiles the headers and cookies of a screen, at start; undefined where it has none.
 * @param beside the compiler of its view
 */
export function compileHead({ plan, head, source }: Screen<unknown>, beside?: ViewCompiler): RenderHead | undefined {
  if (head === undefined) return undefined;
  const render = compileView({ plan, view: head.view, source }, new ViewCompiler(plan, beside));
  return ({ values, headers, report }, input) => {
    const made = render(
      plainValues(values, (document) => document.value),
      input,
      report,
      headers,
    );
    if (made.kind === 'unreadable') return { part: made.part, failure: made.failure };
    return JSON.parse(made.body) as RenderedHead;
  };
}

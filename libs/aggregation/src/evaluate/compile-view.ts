import { fail, type Failure } from '@frontage/core';
import type { PartHeaders } from '../model/node-traits.js';
import { compileWrite } from './combinators/evaluate-texts.js';
import { ViewCompiler } from './view-compiler.js';
import { BadPayload } from './scope/evaluation-scope.js';
import type { PartsReport } from '../model/parts-report.js';
import { propertyNames, variantsOf } from '../schema/schema-navigation.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { isRecord } from '../schema/schema-reading.js';
import type { Screen } from '../view/screen.js';
import { RunValues } from './unreadable-parts.js';

/** The end of the rendering of a view. */
type RenderResult = RenderedView | UnreadablePart;

interface RenderedView {
  readonly kind: 'made';
  /** JSON, with `_parts` in a partial response whose root is an object. Empty where the view is `undefined`. */
  readonly body: string;
  readonly encoding: 'utf8' | 'latin1';
  /** The missing parts; undefined for a complete response. */
  readonly report: PartsReport | undefined;
  /** True if `_parts` is in the body. Otherwise the report of a partial response belongs in the header `Frontage-Parts`. */
  readonly partsInBody: boolean;
  /** The contract violations that were found, in words, with the index of their part. */
  readonly violations?: ReadonlyMap<string, number> | undefined;
}

/** A required part violates its contract. */
interface UnreadablePart {
  readonly kind: 'unreadable';
  readonly part: string;
  readonly failure: Failure;
}

/**
 * Renders the view of one run.
 * @param values one per part, in the order of the plan
 * @param input the input of the plan
 * @param report the parts that the run is missing
 * @param headers the declared headers of responses, by index of the part
 */
export type RenderView = (
  values: readonly unknown[],
  input: unknown,
  report: PartsReport | undefined,
  headers?: ReadonlyMap<number, PartHeaders>,
) => RenderResult;

/**
 * Compiles a view at start. Reading is lenient where nothing is lost: null and scalars of another type than the contract's pass unchanged,
 * unless a function of the screen gets them; undeclared members are left out. A value without the declared structure, a required member
 * that is missing and a value that no mapping names make the part `bad_payload`.
 * @param compiler of the plan of the screen
 * @throws {TypeError} naming the field path, where the view asks for a field that the contracts do not declare
 */
export function compileView(screen: Screen<unknown>, compiler = new ViewCompiler(screen.plan)): RenderView {
  const { plan, view } = screen;
  const write = compileWrite(compiler, view);
  const partsFit = checkRoot(compiler.shapes, screen);
  const { parts } = plan;
  const nothing = isNothing(screen) ? '' : 'null';
  const blank: readonly unknown[] = Array.from({ length: compiler.slotCount });
  return (values, input, report, headers) => {
    const run = new RunValues(parts, values, isRecord(input) ? input : {}, blank, headers);
    for (;;) {
      try {
        const text = write(run);
        const body = typeof text === 'string' ? text : nothing;
        const missing = run.report(report);
        const partsInBody = missing !== undefined && partsFit && body.startsWith('{');
        const whole = partsInBody ? withParts(body, JSON.stringify(missing)) : body;
        return {
          kind: 'made',
          body: whole,
          encoding: 'utf8',
          report: missing,
          partsInBody,
          violations: run.violations,
        };
      } catch (error) {
        if (!(error instanceof BadPayload)) throw error;
        // Each round makes one more part missing, so the loop ends.
        if (run.repair(error) === undefined) return unreadable(parts[error.part]?.name ?? '', error.message);
        run.restart();
      }
    }
  };
}

/** True if the view is `undefined`, so that the response has no body. */
export const isNothing = ({ view }: Screen<unknown>): boolean => view.kind === 'literal' && view.value === undefined;

/** A partial response whose root is an object: `_parts` is one of its members. */
export const withParts = (body: string, report: string): string =>
  `${body.slice(0, -1)}${body === '{}' ? '' : ','}"_parts":${report}}`;

const unreadable = (part: string, detail: string): UnreadablePart => ({
  kind: 'unreadable',
  part,
  failure: fail('GW_UPSTREAM_BAD_PAYLOAD', { detail }),
});

/**
 * True if the root is always an object whose members are all known, so that `_parts` can be one of them.
 * @throws {TypeError} where there is a member of that name already
 */
export function checkRoot(shapes: ExpressionShapes, { plan, view }: Screen<unknown>): boolean {
  const { document } = shapes;
  const { schema } = shapes.of(view);
  const variants = variantsOf(schema, document).map((variant) => document.resolve(variant));
  if (variants.some((variant) => propertyNames(variant, document).includes('_parts'))) {
    throw new TypeError(
      `screen of plan '${plan.name}': the response has a member '_parts', the name of the report in a partial response: pick the members it needs without that one`,
    );
  }
  return (
    variants.length > 0 &&
    variants.every(
      (variant) => isRecord(variant) && 'properties' in variant && !isOpen(variant['additionalProperties']),
    )
  );
}

const isOpen = (additional: unknown): boolean => additional === true || isRecord(additional);

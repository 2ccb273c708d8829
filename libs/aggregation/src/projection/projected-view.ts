import type { BodyReader } from '@frontage/context';
import { compileProjection } from '@frontage/transcoder';
import type { Screen } from '../view/screen.js';
import { checkRoot, isNothing, withParts, type RenderView } from '../evaluate/compile-view.js';
import { ViewCompiler } from '../evaluate/view-compiler.js';
import { BadPayload } from '../evaluate/scope/evaluation-scope.js';
import { RunValues } from '../evaluate/unreadable-parts.js';
import type { WhyParsed } from '../compile/bind.js';
import type { PartsReport } from '../model/parts-report.js';
import { isRecord } from '../schema/schema-reading.js';
import { compileOutput, toBinary } from './assemble.js';
import { plainValues, readerOf } from '../run/projected-document.js';
import { compileDocuments } from './documents.js';
import { computedIn } from './output.js';
import { splitView } from './split-view.js';

/** A view rendered from the bytes of upstreams where possible, and from parsed values elsewhere. */
export interface ProjectedView {
  readonly render: RenderView;
  /** By index of the part, for its own call alone. */
  readonly readers: readonly (BodyReader | undefined)[];
}

/**
 * Undefined where nothing of the view can be projected.
 * @param byReference renders the view from parsed values: both give the same bytes
 * @param beside the compiler of `byReference`
 */
export function compileProjectedView(
  screen: Screen<unknown>,
  byReference: RenderView,
  whyParsed?: WhyParsed,
  beside?: ViewCompiler,
): ProjectedView | undefined {
  if (isNothing(screen)) return undefined;
  const { plan } = screen;
  const compiler = new ViewCompiler(plan, beside);
  const { output, parts: drafts } = splitView(screen, compiler.shapes, whyParsed);
  const specs = drafts.map((draft) => (typeof draft === 'string' ? undefined : draft.spec()));
  if (specs.every((spec) => spec === undefined)) return undefined;
  const assemble = compileOutput(output, compiler);
  const partsFit = checkRoot(compiler.shapes, screen);
  const isComputed = computedIn(output).length > 0;
  const gather = compileDocuments(plan, specs);
  const { parts } = plan;
  const blank: readonly unknown[] = Array.from({ length: compiler.slotCount });

  const render: RenderView = (values, input, report, headers) => {
    const documents = gather(values);
    if (documents !== undefined) {
      const seen = isComputed ? plainValues(values, (document) => document.value) : values;
      const scope = new RunValues(parts, seen, isRecord(input) ? input : {}, blank, headers);
      const body = attempt(() => assemble({ ...documents, scope }));
      // Otherwise a required part is missing, or a part or one of its items violates its contract.
      if (typeof body === 'string' && scope.report(report) === report) return made(body, report, partsFit);
    }
    return byReference(
      plainValues(values, (document) => document.parse()),
      input,
      report,
      headers,
    );
  };
  const readers = drafts.map((draft, position) => {
    const spec = specs[position];
    return typeof draft === 'string' || spec === undefined
      ? undefined
      : readerOf(compileProjection(spec), draft.values);
  });
  return { render, readers };
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof BadPayload) return undefined;
    throw error;
  }
}

function made(body: string, report: PartsReport | undefined, partsFit: boolean): ReturnType<RenderView> {
  const partsInBody = report !== undefined && partsFit && body.startsWith('{');
  const whole = partsInBody ? withParts(body, toBinary(JSON.stringify(report))) : body;
  return { kind: 'made', body: whole, encoding: 'latin1', report, partsInBody };
}

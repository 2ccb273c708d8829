import type { BodyReader } from '@frontage/context';
import { compileProjection } from '@frontage/transcoder';
import type { Screen } from '../view/screen.js';
import { checkRoot, isNothing, withParts, type MakeAnswer } from '../evaluate/compile-answer.js';
import { AnswerCompiler } from '../evaluate/evaluate.js';
import { BadPayload } from '../evaluate/evaluation-scope.js';
import { RunValues } from '../evaluate/unreadable-parts.js';
import type { WhyParsed } from '../compile/bind.js';
import type { PartsReport } from '../model/parts-report.js';
import { isRecord } from '../schema/schema-reading.js';
import { compileOutput, toBinary } from './assemble.js';
import { plainValues, readerOf } from '../run/copied-document.js';
import { compileDocuments } from './documents.js';
import { computedIn } from './output.js';
import { splitAnswer } from './split-answer.js';

/** An answer made of the bytes of upstreams where it can be, and of parsed values where it cannot. */
export interface CopyingAnswer {
  readonly make: MakeAnswer;
  /** By position of the part, for its own call alone. */
  readonly readers: readonly (BodyReader | undefined)[];
}

/**
 * Undefined where nothing of the answer can be copied.
 * @param byReference makes the answer of parsed values: what it gives is what this gives, byte for byte
 */
export function compileCopyingAnswer(
  screen: Screen<unknown>,
  byReference: MakeAnswer,
  whyParsed?: WhyParsed,
): CopyingAnswer | undefined {
  if (isNothing(screen)) return undefined;
  const { plan } = screen;
  const compiler = new AnswerCompiler(plan);
  const { output, parts: drafts } = splitAnswer(screen, compiler.shapes, whyParsed);
  const recipes = drafts.map((draft) => (typeof draft === 'string' ? undefined : draft.recipe()));
  if (recipes.every((recipe) => recipe === undefined)) return undefined;
  const assemble = compileOutput(output, compiler);
  const partsFit = checkRoot(compiler.shapes, screen);
  const isComputed = computedIn(output).length > 0;
  const gather = compileDocuments(plan, recipes);
  const { parts } = plan;
  const blank: readonly unknown[] = Array.from({ length: compiler.slotCount });

  const make: MakeAnswer = (values, input, report) => {
    const documents = gather(values);
    if (documents !== undefined) {
      const seen = isComputed ? plainValues(values, (document) => document.value) : values;
      const scope = new RunValues(parts, seen, isRecord(input) ? input : {}, blank);
      const body = attempt(() => assemble({ ...documents, scope }));
      // Otherwise a part is missing where nothing stands in for it, or it, or an item of it, is not what its contract says.
      if (typeof body === 'string' && scope.report(report) === report) return made(body, report, partsFit);
    }
    return byReference(
      plainValues(values, (document) => document.parse()),
      input,
      report,
    );
  };
  const readers = drafts.map((draft, position) => {
    const recipe = recipes[position];
    return typeof draft === 'string' || recipe === undefined
      ? undefined
      : readerOf(compileProjection(recipe), draft.values);
  });
  return { make, readers };
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof BadPayload) return undefined;
    throw error;
  }
}

function made(body: string, report: PartsReport | undefined, partsFit: boolean): ReturnType<MakeAnswer> {
  const partsInBody = report !== undefined && partsFit && body.startsWith('{');
  const whole = partsInBody ? withParts(body, toBinary(JSON.stringify(report))) : body;
  return { kind: 'made', body: whole, encoding: 'latin1', report, partsInBody };
}

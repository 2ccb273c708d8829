import type { BodyReader } from '@frontage/context';
import { compileProjection } from '@frontage/transcoder';
import type { Screen } from '../answer/screen.js';
import { checkRoot, withParts, type MakeAnswer } from '../evaluate/compile-answer.js';
import { AnswerCompiler } from '../evaluate/evaluate.js';
import { BadPayload } from '../evaluate/evaluation-scope.js';
import { RunValues } from '../evaluate/unreadable-parts.js';
import { mayBeAbsent } from '../plan/nodes.js';
import type { PartsReport } from '../run/parts-report.js';
import { isRecord } from '../schema/schema-reading.js';
import { compileOutput, toBinary } from './assemble.js';
import { CopiedDocument, plainValues, readerOf } from './copied-document.js';
import { computedIn, splitAnswer } from './split-answer.js';

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
export function compileCopyingAnswer(screen: Screen<unknown>, byReference: MakeAnswer): CopyingAnswer | undefined {
  const { plan } = screen;
  const compiler = new AnswerCompiler(plan);
  const { output, parts: drafts } = splitAnswer(screen, compiler.shapes);
  const recipes = drafts.map((draft) => (typeof draft === 'string' ? undefined : draft.recipe()));
  if (recipes.every((recipe) => recipe === undefined)) return undefined;
  const assemble = compileOutput(output, compiler);
  const partsFit = checkRoot(compiler.shapes, screen);
  const isComputed = computedIn(output).length > 0;
  const texts = drafts.map((draft) => (typeof draft === 'string' ? undefined : draft.values));
  const documentsOf = compileDocuments(
    recipes.flatMap((recipe, position) => (recipe === undefined ? [] : [position])),
    plan.parts.map(({ node }) => mayBeAbsent(node)),
  );
  const { parts } = plan;
  const blank: readonly unknown[] = Array.from({ length: compiler.slotCount });

  const make: MakeAnswer = (values, input, report) => {
    const documents = documentsOf(values);
    if (documents !== undefined) {
      const seen = isComputed ? plainValues(values, (document, at) => document.value(texts[at] ?? -1)) : values;
      const scope = new RunValues(parts, seen, isRecord(input) ? input : {}, blank);
      const body = attempt(() => assemble({ documents, scope }));
      // Anything else: a part is missing where nothing stands in for it, or is not what its contract says.
      if (typeof body === 'string') return made(body, report, partsFit);
    }
    return byReference(plainValues(values), input, report);
  };
  return { make, readers: recipes.map((recipe) => recipe && readerOf(compileProjection(recipe))) };
}

type Documents = readonly (CopiedDocument | undefined)[];

/** The documents of one run by position, undefined for parts that are missing; no list where one of them was parsed. */
function compileDocuments(
  copied: readonly number[],
  unsure: readonly boolean[],
): (values: readonly unknown[]) => Documents | undefined {
  const none: Documents = unsure.map(() => undefined);
  return (values) => {
    const documents = none.slice();
    for (const position of copied) {
      let value = values[position];
      if (unsure[position] === true) {
        // What `mayBeAbsent` says of a node is what its value is.
        const part = value as { readonly ok: boolean; readonly value?: unknown };
        if (!part.ok) continue;
        value = part.value;
      }
      if (!(value instanceof CopiedDocument)) return undefined;
      documents[position] = value;
    }
    return documents;
  };
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

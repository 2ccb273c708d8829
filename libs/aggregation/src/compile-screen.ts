import { heedRejection, isIndeterminate, problemOf, type Failure, type Problem } from '@frontage/core';
import { noteViolation, type RequestContext } from '@frontage/context';
import { headerSchemas, responseSchema, type HeaderSchemas, type ResponseSchema } from './schema/response-schema.js';
import { compileView, isNothing, type RenderView } from './evaluate/compile-view.js';
import { ViewCompiler } from './evaluate/view-compiler.js';
import { compilePlan, slotsOf, type RunOptions } from './compile/compile-plan.js';
import { describePlan, type PlanDescription } from './describe/describe-plan.js';
import { toHeader, type PartsReport } from './model/parts-report.js';
import { problemSchemas, type ProblemSchema } from './problems/problem-schemas.js';
import { compileHead, type RenderedHead } from './headers/render-head.js';
import { problemStatuses } from './plan/plan-problems.js';
import { failureOf, indeterminate, violationOf, type Finished, type PlanResult } from './run/plan-result.js';
import { refusalOfPart } from './callers/caller-access.js';
import type { Origin } from './describe/origins/origin.js';
import { describeOrigins } from './describe/origins/origins.js';
import { resultDigest } from './digests/result-digest.js';
import { planReads } from './describe/plan-reads.js';
import { readFields, type ReadFields } from './describe/reads.js';
import type { AnyPlan } from './plan/plan.js';
import { callOf, callsOf } from './model/nodes.js';
import type { Screen } from './view/screen.js';
import { compileProjectedView } from './projection/projected-view.js';
import { describeView, type ViewDescription } from './describe/describe-view.js';

/** The outcome of one request to a screen. */
export type ScreenResult =
  CompleteResponse | PartialResponse | ProblemResponse | UnchangedResponse | { readonly kind: 'cancelled' };

export interface CompleteResponse {
  readonly kind: 'complete';
  /** JSON; empty where the view is `undefined`. */
  readonly body: string;
  /** The encoding that makes bytes of `body`. `latin1`: each character is one byte of UTF-8, joined from projected bytes without decoding. */
  readonly encoding: BodyEncoding;
  /** Values of the headers and cookies that the screen declares. */
  readonly head?: RenderedHead;
  /** Of everything that the view shows, where it was asked for and can be had: equal digests mean equal bodies. */
  readonly digest?: string;
}

/** A complete response that the client holds already: the view was not rendered. */
export interface UnchangedResponse {
  readonly kind: 'unchanged';
  readonly head?: RenderedHead;
}

export type BodyEncoding = 'utf8' | 'latin1';

export interface PartialResponse {
  readonly kind: 'partial';
  /** JSON. It has the member `_parts` where the root is an object. */
  readonly body: string;
  readonly encoding: BodyEncoding;
  readonly head?: RenderedHead;
  /** Value of the header `Frontage-Parts`, where the root has no room for `_parts`. */
  readonly header?: string;
  readonly report: PartsReport;
  /** The number of parts that are missing, in whole or in some items. */
  readonly missing: number;
}

export interface ProblemResponse extends Problem {
  readonly kind: 'problem';
  /** For the log: the failure of the upstream call. */
  readonly failure?: Failure;
}

/** A plan and its view, as JSON. */
export interface ScreenDescription extends PlanDescription {
  /** By part name: the fields of the upstream's response that are sent, and those that a function of the screen gets. */
  readonly fields: Readonly<Record<string, ReadFields>>;
  /** By part name: the fields of its response that the plan itself reads, for arguments, conditions and steps. */
  readonly planReads: Readonly<Record<string, readonly string[]>>;
  readonly view: ViewDescription;
  /** The business event that a successful response counts as. */
  readonly count?: string;
  readonly origins: readonly Origin[];
}

/** A screen, compiled for its upstreams and its policy. */
export interface CompiledScreen {
  /** Name of the plan. */
  readonly plan: string;
  /** The budget of the whole request in milliseconds, as plan and policy state it. */
  readonly deadlineMs: number;
  /** Its responses have no body: `screen(plan, () => undefined)`. */
  readonly isEmpty: boolean;
  /**
   * Runs the plan and renders the view for one request. `input` is validated before. Rejects only for a bug.
   * @param isHeld asked, where no part is missing, with the digest of everything that the view shows: with true the view is not rendered.
   * Absent: no digest is made
   */
  run(input: unknown, context: RequestContext, isHeld?: (digest: string) => boolean): Promise<ScreenResult>;
  /** True if each of its calls may be sent for the caller of this request, by the rules of the calls and what an external policy has said. */
  isWholeFor(context: RequestContext): boolean;
  responseSchema(): ResponseSchema;
  /** The schemas of the headers that it declares, by name. */
  headerSchemas(): HeaderSchemas;
  /** The members of its problems beside those of every problem. */
  problemSchemas(): readonly ProblemSchema[];
  describe(): ScreenDescription;
  /** The statuses of its problems beyond those of every endpoint, ascending. */
  problemStatuses(): readonly number[];
}

/**
 * Compiles a screen at start, so that a request decides as little as possible.
 * @throws {TypeError} naming the field path, where the view asks for a field that the contracts do not declare, or policy names a call that
 * the plan does not have
 */
export function compileScreen(screen: Screen<unknown>, options: RunOptions): CompiledScreen {
  const { plan } = screen;
  const compiler = new ViewCompiler(plan);
  const byReference = compileView(screen, compiler);
  const projectedView = compileProjectedView(screen, byReference, options.whyParsed, compiler);
  const isProjected = projectedView !== undefined;
  const renderView = projectedView?.render ?? byReference;
  const guarded = plan.parts.flatMap(({ name, node }) => callsOf(node).map(({ access }) => ({ part: name, access })));
  const renderHead = compileHead(screen, compiler);
  const runPlan = compilePlan(plan, { ...options, ...(projectedView && { readers: projectedView.readers }) });
  return {
    plan: plan.name,
    deadlineMs: Math.min(plan.deadlineMs, options.policy?.deadlineMs ?? Infinity),
    isEmpty: isNothing(screen),
    run: (input, context, isHeld) =>
      runPlan(input, context).then((result) => {
        if (result.kind !== 'finished') return toScreenResult(result);
        const digest = isHeld === undefined || result.report !== undefined ? undefined : resultDigest(result, input);
        const note = (part: string, failure: Failure): void => {
          const node = plan.parts.find(({ name }) => name === part)?.node;
          const operation = node && callOf(node)?.operation;
          if (operation !== undefined) noteViolation(context, part, operation, failure);
        };
        const made: ScreenResult =
          digest !== undefined && isHeld?.(digest) === true
            ? { kind: 'unchanged' }
            : withDigest(rendered(renderView, result, input, { parts: plan.parts, note }), digest, isProjected);
        if (renderHead === undefined || made.kind === 'problem' || made.kind === 'cancelled') return made;
        const head = renderHead(result, input);
        if (!('failure' in head)) return { ...made, head };
        note(head.part, head.failure);
        return unreadable(result, head.part, head.failure);
      }),
    isWholeFor: (context) => guarded.every((part) => refusalOfPart(part, context, options.clock) === undefined),
    responseSchema: () => responseSchema(screen),
    headerSchemas: () => headerSchemas(screen),
    problemSchemas: () => problemSchemas(plan.name, slotsOf(plan)),
    describe: () => ({
      ...describePlan(plan, options.policy),
      fields: readFields(screen),
      planReads: planReads(plan),
      view: describeView(screen, options.whyParsed),
      ...(screen.count && { count: screen.count }),
      origins: describeOrigins(screen),
    }),
    problemStatuses: () => problemStatuses(plan),
  };
}

/**
 * A digest says what the texts of projected responses give. Where the view was made in another way, the rest of these responses may have had a
 * part in it.
 */
const withDigest = (made: ScreenResult, digest: string | undefined, isProjected: boolean): ScreenResult =>
  digest === undefined || made.kind !== 'complete' || (isProjected && made.encoding !== 'latin1')
    ? made
    : { ...made, digest };

function toScreenResult(result: Exclude<PlanResult, Finished>): ScreenResult {
  return result.kind === 'cancelled' ? result : { ...result, kind: 'problem' };
}

/** The parts of a plan, and the receiver of the reasons why one of them has no value. */
interface Noting {
  readonly parts: AnyPlan['parts'];
  readonly note: (part: string, failure: Failure) => void;
}

function rendered(renderView: RenderView, result: Finished, input: unknown, { parts, note }: Noting): ScreenResult {
  const made = renderSafely(renderView, result, input);
  if (made.kind === 'problem') return made;
  if (made.kind === 'unreadable') {
    const { part, failure } = made;
    note(part, failure);
    return unreadable(result, part, failure);
  }
  const { body, encoding, report, violations } = made;
  if (violations !== undefined)
    for (const [detail, position] of violations) note(parts[position]?.name ?? '', violationOf(detail));
  if (report === undefined) return { kind: 'complete', body, encoding };
  const missing = Object.keys(report).length;
  return made.partsInBody
    ? { kind: 'partial', body, encoding, report, missing }
    : { kind: 'partial', body, encoding, header: toHeader(report), report, missing };
}

/** A required part violates its contract. */
function unreadable({ writes }: Finished, part: string, failure: Failure): ScreenResult {
  if (writes !== undefined && isIndeterminate(writes))
    return { ...indeterminate(writes, part, failure), kind: 'problem' };
  return { kind: 'problem', ...problemOf(failure.code, { part }), failure };
}

/** A bug in a function of the view must not hide the writes that were sent before. @throws the bug, where no write was sent */
function renderSafely(renderView: RenderView, { values, headers, report, writes }: Finished, input: unknown) {
  if (writes === undefined || !isIndeterminate(writes)) return renderView(values, input, report, headers);
  try {
    return renderView(values, input, report, headers);
  } catch (bug) {
    heedRejection(bug);
    return { ...indeterminate(writes, undefined, failureOf(bug)), kind: 'problem' as const };
  }
}

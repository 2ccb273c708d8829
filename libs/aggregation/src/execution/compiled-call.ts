import type { CallingRun, CompiledCall, MakeMembers, MustHave, RequestedCall } from '../run/compiled.js';
import type { Failure, MissingStatus, Outcome } from '@frontage/core';
import { atOnce, fail, fateOf, InexactNumber } from '@frontage/core';
import { noteFailure, type CallScope } from '@frontage/context';
import { compileFill, compileRead, type LocalScope, type SlotOf } from '../run/fill.js';
import { isGroupPresent, isWithoutItems, refusalOfEmpty, valueAt, withoutItems } from '../run/needed.js';
import { refused } from '../run/plan-result.js';
import { refusalOfPart } from '../callers/caller-access.js';
import { distrustResponses, parameterMissing } from './violation-finder.js';
import { FallbackAsker, keepLastGood, lastGoodOf, type LastGoodValue } from './fallback-run.js';
import { fieldPathsIn } from '../model/arguments.js';
import type { Argument, CallNode, Refusal } from '../model/nodes.js';
import type { Part } from '../model/references.js';
import { listsThatNeedItems } from '../schema/checks/needed-items.js';

/** The value of a part that its condition ruled out. Its identity distinguishes it from `skipped`, because it counts as complete. */
export const ruledOutPart: Part<never> = Object.freeze({ ok: false, status: 'skipped' });

/** Compiles the members of a refusal, where it has some. */
export type CompileMembers = (refusal: Refusal) => MakeMembers | undefined;

export const deadlinePassed = fail('GW_DEADLINE_EXCEEDED', { detail: 'no response within the deadline of the plan' });

/** Nothing was sent. */
const tooLate = fail('GW_DEADLINE_EXCEEDED', { detail: 'the deadline had passed before the call was made' });

type DecidedBefore =
  | 'part'
  | 'sources'
  | 'execute'
  | 'timeoutMs'
  | 'after'
  | 'fallbackSources'
  | 'keep'
  | 'undo'
  | 'classify'
  | 'mustHave'
  | 'itemParts';

/** The place of the compiled node. */
interface Place {
  readonly slotOf: SlotOf;
  readonly scope: LocalScope;
  readonly compileMembers: CompileMembers;
}

/** @param decided the members that do not follow from the node alone */
export function compileCall(
  node: CallNode,
  { slotOf, scope, compileMembers, ...decided }: Pick<CompiledCall, DecidedBefore> & Place,
): CompiledCall {
  const refuseOn = Object.entries(node.refuseOn).map(([status, refusal]) => {
    const args = refusal.args.map((arg) => ({ fill: compileFill(arg, slotOf, scope), ofBody: readsErrorBody(arg) }));
    return [status, { refusal, args, members: compileMembers(refusal) }] as const;
  });
  return {
    operation: node.operation,
    need: node.need,
    args: compileFill(node.args, slotOf, scope),
    needsItems: listsThatNeedItems(node),
    when: node.when === undefined ? undefined : compileRead(node.when, slotOf, scope),
    access: node.access,
    canBeDoneWithout: node.need === 'optional' || node.fallbackValue !== undefined,
    onStatus: node.onStatus,
    refuseOn: Object.fromEntries(refuseOn),
    ...decided,
  };
}

const readsErrorBody = (argument: Argument): boolean =>
  fieldPathsIn(argument).some(({ node }) => node.kind === 'local' && node.errorBody !== undefined);

/** Starts a call whose references have arrived, and tells `asker` the outcome, unless the run ended first. */
export function startCall(requested: RequestedCall): void {
  const { call, run, item, asker, at } = requested;
  for (const slot of call.after) {
    const part = run.values[slot] as Part<unknown>;
    if (part.ok) continue;
    return leaveOut(requested, part);
  }
  for (const partIn of call.itemParts) {
    const part = partIn(run, item) as Part<unknown>;
    if (!part.ok) return leaveOut(requested, part);
  }
  if (call.when !== undefined && call.when(run, item) !== true) return asker.ruledOut(at);
  const isGuarded = call.access !== undefined || run.context.deniedParts !== undefined;
  const refusal = isGuarded ? refusalOfPart(call, run.context, run.clock) : undefined;
  if (refusal !== undefined)
    return call.canBeDoneWithout ? failCall(requested, 'forbidden', 0, false) : run.refuse(refusal);
  const now = run.clock.now();
  if (now >= run.deadlineAt || run.cancellation.cancelled) {
    noteFailure(run.context, call.part, call.operation, tooLate);
    if (call.canBeDoneWithout) failCall(requested, 'timeout');
    else run.refuse(refused('GW_DEADLINE_EXCEEDED', { part: call.part }));
    return;
  }
  // `compileFill` of an argument tree that was checked against the operation's groups.
  const args = call.args(run, item) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  for (const needed of call.mustHave) {
    const value = valueAt(args, needed.path);
    if (value === undefined || value === null || value instanceof InexactNumber) return lack(requested, needed, value);
  }
  for (const list of call.needsItems) {
    if (!isWithoutItems(valueAt(args, list.name === undefined ? [list.group] : [list.group, list.name]))) continue;
    const failure = withoutItems(list);
    noteFailure(run.context, call.part, call.operation, failure);
    if (call.need === 'optional') failCall(requested, 'skipped');
    else run.refuse(refusalOfEmpty(list, call.part, failure));
    return;
  }
  if (call.need === 'write') {
    // The outcome of a sent write is remembered, also when the request has ended.
    run.writes.send(requested, args, now, (outcome) => settle(requested, outcome));
    return;
  }
  call.execute(args, scopeOf(call, run, now)).then((raw) => {
    if (run.isOver()) return;
    try {
      const outcome = call.classify(raw);
      if (outcome !== raw) distrustResponses(call, run);
      settle(requested, outcome.ok ? keepLastGood(call, args, run, outcome) : outcome);
    } catch (bug) {
      run.fail(bug);
    }
  }, run.fail);
}

/** A part that the call reads is missing: so is the call. */
function leaveOut(requested: RequestedCall, part: Part<unknown>): void {
  if (part === ruledOutPart) requested.asker.ruledOut(requested.at);
  else failCall(requested, 'skipped');
}

/** A value that the call needs is not there. */
function lack(requested: RequestedCall, { input, mayBeNil }: MustHave, value: unknown): void {
  const { call, run } = requested;
  const isLeftOut = value === undefined || value === null;
  if (call.need === 'optional' && isLeftOut && isGroupPresent(run.input, input) && mayBeNil())
    failCall(requested, 'skipped');
  else if (input === undefined) settle(requested, parameterMissing(call, run));
  else
    run.fail(
      new Error(
        `the handler gave no '${input}', which the call '${call.part}' needs: return it in the object that is the input of the plan`,
      ),
    );
}

function scopeOf(call: CompiledCall, run: CallingRun, now: number): CallScope {
  const ownEnd = now + call.timeoutMs;
  const deadlineAt = ownEnd < run.deadlineAt ? ownEnd : run.deadlineAt;
  return { context: run.context, part: call.part, deadlineAt, cancellation: run.cancellation };
}

/** The deadline of the plan has passed for a call that is under way. */
export function expireCall(late: RequestedCall): void {
  noteFailure(late.run.context, late.call.part, late.call.operation, deadlinePassed);
  failCall(late, 'timeout');
}

/** A call that has a fallback, or that is optional, brought no value: its fallback sources are tried in their order. */
function failCall(requested: RequestedCall, status: MissingStatus, from = 0, mayBeOld = true): void {
  const { call, run, item, asker, at } = requested;
  const fallBack = ({ value, ageMs, headers }: LastGoodValue): void =>
    asker.fellBack(at, value, { status, source: 'last_good', ageMs }, headers);
  for (const [index, fallback] of call.fallbackSources.entries()) {
    if (index < from) continue;
    if (fallback.kind === 'call') {
      // This call has its own fallback sources, the rest of ours among them.
      startCall({ ...requested, call: fallback.call, asker: new FallbackAsker(asker, status) });
      return;
    }
    // A part that it reads is missing, so its arguments are not known; or the caller may not have what an earlier call brought.
    if (status === 'skipped' || !mayBeOld) continue;
    const found = lastGoodOf(call, run, item, fallback.maxAgeMs);
    if (found instanceof Promise) {
      found
        .then((shared) => {
          if (run.isOver()) return;
          if (shared === undefined) failCall(requested, status, index + 1);
          else fallBack(shared);
        })
        .catch(run.fail);
      return;
    }
    if (found === undefined) continue;
    fallBack(found);
    return;
  }
  asker.failed(at, status);
}

function settle(requested: RequestedCall, outcome: Outcome<unknown>): void {
  const { call, run, item, asker, at } = requested;
  if (outcome.ok) {
    asker.succeeded(at, outcome.value, outcome.headers);
    return;
  }
  noteFailure(run.context, call.part, call.operation, outcome);
  // Only the status decides where the body is not needed: the body of a proxy's page is not the one that the contract declares.
  const status = outcome.declared?.status ?? outcome.upstreamStatus ?? 0;
  if (status >= 400) {
    const refused = byStatus(call.refuseOn, status);
    if (refused !== undefined) {
      run.refuseWith(
        refused.refusal,
        call.part,
        refused.args.map(({ fill, ofBody }) => fill(run, ofBody ? outcome.declared?.body : item)),
        outcome.declared && refused.members?.(outcome.declared.body),
      );
      return;
    }
    const mapped = byStatus(call.onStatus, status);
    if (mapped?.kind === 'value') {
      asker.succeeded(at, mapped.of.value);
      return;
    }
    if (mapped !== undefined && outcome.declared !== undefined) {
      asker.succeeded(at, atOnce(mapped.run(outcome.declared.body), `onStatus of '${call.part}'`));
      return;
    }
  }
  if (call.need === 'optional' || (call.need === 'write' && hasFallback(call, outcome)))
    failCall(requested, outcome.status);
  else run.refuse(refusalOf(outcome, call.part));
}

/** Another write is sent only where this one was certainly not made; a value needs no certainty. */
const hasFallback = ({ fallbackSources, canBeDoneWithout }: CompiledCall, outcome: Outcome<unknown>): boolean =>
  fallbackSources.length === 0 ? canBeDoneWithout : fateOf(outcome) !== 'unknown';

/** The closest entry for a status, as contracts name statuses: `404`, `4XX`, `default` (OpenAPI 3.1 section 4.8.16.1). */
const byStatus = <T>(table: Readonly<Record<string, T>>, status: number): T | undefined =>
  table[status] ?? table[`${Math.floor(status / 100)}XX`] ?? table['default'];

function refusalOf(failure: Failure, part: string) {
  // A declared 404 of the upstream means that the client asked for something that does not exist.
  const code = failure.declared?.status === 404 ? 'GW_NOT_FOUND' : failure.code;
  const { retryAfterMs } = failure;
  return refused(code, { part, ...(retryAfterMs !== undefined && { retryAfterMs }), failure });
}

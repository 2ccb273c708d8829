import type { CallingRun, CompiledCall, MakeMembers, RequestedCall } from '../run/compiled.js';
import type { Failure, MissingStatus, Outcome } from '@frontage/core';
import { atOnce, fail, handOut, InexactNumber, share } from '@frontage/core';
import { noteFailure, type CallScope } from '@frontage/context';
import { compileFill, compileRead, type SlotOf } from '../run/fill.js';
import { lastGoodKey } from '../run/last-good.js';
import { memberOf } from '../run/own-member.js';
import { refused, violationOf, type Refused } from '../run/plan-result.js';
import { FallbackAsker } from './fallback-run.js';
import { fieldPathsIn } from '../model/arguments.js';
import { fieldPathText, type Argument, type CallNode, type Refusal } from '../model/nodes.js';
import type { Part } from '../model/references.js';
import { listsThatNeedItems, type NeedsItems } from '../schema/checks/needed-items.js';
import { requiredArguments } from '../plan/required-arguments.js';

/** The value of a part that its condition ruled out. Its identity distinguishes it from `skipped`, because it counts as complete. */
export const ruledOutPart: Part<never> = Object.freeze({ ok: false, status: 'skipped' });

const bodyMissing = fail('GW_UPSTREAM_BAD_PAYLOAD', {
  detail: 'a parameter that the call needs is missing in the response that it is read from',
});

/** Compiles the members of a refusal, where it has some. */
export type CompileMembers = (refusal: Refusal) => MakeMembers | undefined;

export const deadlinePassed = fail('GW_DEADLINE_EXCEEDED', { detail: 'no response within the deadline of the plan' });

/** Nothing was sent. */
const tooLate = fail('GW_DEADLINE_EXCEEDED', { detail: 'the deadline had passed before the call was made' });

type DecidedBefore = 'part' | 'execute' | 'timeoutMs' | 'after' | 'fallbackSources' | 'keep' | 'undo' | 'classify';

/** @param decided the members that do not follow from the node alone */
export function compileCall(
  node: CallNode,
  {
    slotOf,
    compileMembers,
    ...decided
  }: Pick<CompiledCall, DecidedBefore> & { readonly slotOf: SlotOf; readonly compileMembers: CompileMembers },
): CompiledCall {
  const refuseOn = Object.entries(node.refuseOn).map(([status, refusal]) => {
    const args = refusal.args.map((arg) => ({ fill: compileFill(arg, slotOf), ofBody: readsErrorBody(arg) }));
    return [status, { refusal, args, members: compileMembers(refusal) }] as const;
  });
  return {
    operation: node.operation,
    need: node.need,
    args: compileFill(node.args, slotOf),
    mustHave: mustHave(node),
    needsItems: listsThatNeedItems(node),
    when: node.when === undefined ? undefined : compileRead(node.when, slotOf),
    onStatus: node.onStatus,
    refuseOn: Object.fromEntries(refuseOn),
    ...decided,
  };
}

const mustHave = (node: CallNode): CompiledCall['mustHave'] =>
  requiredArguments(node).map(({ group, name, field }) => ({
    group,
    name,
    ...(field.node.kind === 'input' && { input: fieldPathText(field) }),
  }));

const readsErrorBody = (argument: Argument): boolean =>
  fieldPathsIn(argument).some(({ node }) => node.kind === 'local' && node.errorBody !== undefined);

/** Starts a call whose references have arrived, and tells `asker` the outcome, unless the run ended first. */
export function startCall(requested: RequestedCall): void {
  const { call, run, item, asker, at } = requested;
  for (const slot of call.after) {
    const part = run.values[slot] as Part<unknown>;
    if (part.ok) continue;
    if (part === ruledOutPart) asker.ruledOut(at);
    else failCall(requested, 'skipped');
    return;
  }
  if (call.when !== undefined && call.when(run, item) !== true) {
    asker.ruledOut(at);
    return;
  }
  const now = run.clock.now();
  if (now >= run.deadlineAt || run.cancellation.cancelled) {
    noteFailure(run.context, call.part, call.operation, tooLate);
    if (call.need === 'optional') failCall(requested, 'timeout');
    else run.refuse(refused('GW_DEADLINE_EXCEEDED', { part: call.part }));
    return;
  }
  // `compileFill` of an argument tree that was checked against the operation's groups.
  const args = call.args(run, item) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  for (const { group, name, input } of call.mustHave) {
    const value = args[group]?.[name];
    if (value !== undefined && value !== null && !(value instanceof InexactNumber)) continue;
    if (input !== undefined) {
      run.fail(
        new Error(
          `the handler gave no '${input}', which the call '${call.part}' needs: return it in the object that is the input of the plan`,
        ),
      );
      return;
    }
    settle(requested, bodyMissing);
    return;
  }
  for (const list of call.needsItems) {
    const group: unknown = args[list.group];
    if (!isWithoutItems(list.name === undefined ? group : memberOf(group, list.name))) continue;
    const failure = withoutItems(list);
    noteFailure(run.context, call.part, call.operation, failure);
    if (call.need === 'optional') failCall(requested, 'skipped');
    else run.refuse(refusalOfEmpty(list, call.part, failure));
    return;
  }
  if (call.need === 'write') {
    // The outcome of a sent write is remembered, also when the request has ended.
    run.writes.send(call, args, now, (outcome) => settle(requested, outcome));
    return;
  }
  call.execute(args, scopeOf(call, run, now)).then((raw) => {
    if (run.isOver()) return;
    try {
      let outcome = call.classify(raw);
      if (call.keep !== undefined && outcome.ok) {
        // Kept for later requests: from here on this request may not change it either.
        call.keep.store.keep(lastGoodKey(call.keep.operation, args, run.context), share(outcome.value));
        outcome = { ok: true, value: handOut(outcome.value) };
      }
      settle(requested, outcome);
    } catch (bug) {
      run.fail(bug);
    }
  }, run.fail);
}

const isWithoutItems = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item: unknown) => item === null || item === undefined);

function withoutItems({ group, name }: NeedsItems): Failure {
  const list = name === undefined ? group : `${group}.${name}`;
  return fail('GW_INTERNAL', {
    detail: `the list '${list}' has no items, which the contract does not allow: make the call optional, or give it a condition with 'when'`,
    unsent: true,
  });
}

/** A list of the client may be refused; another one is a mistake of the plan, which has not said what then. */
const refusalOfEmpty = ({ input }: NeedsItems, part: string, failure: Failure): Refused =>
  input === undefined
    ? refused('GW_INTERNAL', { part, failure })
    : refused('GW_INVALID_INPUT', { part, errors: [{ pointer: input, message: 'The list needs an item.' }] });

function scopeOf(call: CompiledCall, run: CallingRun, now: number): CallScope {
  const ownEnd = now + call.timeoutMs;
  const deadlineAt = ownEnd < run.deadlineAt ? ownEnd : run.deadlineAt;
  return { context: run.context, part: call.part, deadlineAt, cancellation: run.cancellation };
}

/** A value that has to be a list is none: its part has no value. */
export const noteNoList = ({ part, operation }: CompiledCall, { context }: CallingRun): void =>
  noteFailure(context, part, operation, violationOf('no list stands where the contract declares one'));

/** The deadline of the plan has passed for a call that is under way. */
export function expireCall(late: RequestedCall): void {
  noteFailure(late.run.context, late.call.part, late.call.operation, deadlinePassed);
  failCall(late, 'timeout');
}

/** An optional call brought no value: its fallback sources are tried in their order. */
function failCall(requested: RequestedCall, status: MissingStatus): void {
  const { call, run, item, asker, at } = requested;
  for (const fallback of call.fallbackSources) {
    if (fallback.kind === 'call') {
      // This call has its own fallback sources, the rest of ours among them.
      startCall({ ...requested, call: fallback.call, asker: new FallbackAsker(asker, status) });
      return;
    }
    // A part that it reads is missing, so its arguments are not known.
    if (status === 'skipped' || call.keep === undefined) continue;
    const key = lastGoodKey(call.keep.operation, call.args(run, item), run.context);
    const found = call.keep.store.read(key);
    if (found === undefined || found.ageMs > fallback.maxAgeMs) continue;
    // A store of a team's own may return other values than it was given.
    asker.fellBack(at, handOut(share(found.value)), { status, source: 'last_good', ageMs: found.ageMs });
    return;
  }
  asker.failed(at, status);
}

function settle(requested: RequestedCall, outcome: Outcome<unknown>): void {
  const { call, run, item, asker, at } = requested;
  if (outcome.ok) {
    asker.succeeded(at, outcome.value);
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
  if (call.need === 'optional') failCall(requested, outcome.status);
  else run.refuse(refusalOf(outcome, call.part));
}

/** The closest entry for a status, as contracts name statuses: `404`, `4XX`, `default` (OpenAPI 3.1 section 4.8.16.1). */
const byStatus = <T>(table: Readonly<Record<string, T>>, status: number): T | undefined =>
  table[status] ?? table[`${Math.floor(status / 100)}XX`] ?? table['default'];

function refusalOf(failure: Failure, part: string) {
  // A declared 404 of the upstream means that the client asked for something that does not exist.
  const code = failure.declared?.status === 404 ? 'GW_NOT_FOUND' : failure.code;
  const { retryAfterMs } = failure;
  return refused(code, { part, ...(retryAfterMs !== undefined && { retryAfterMs }), failure });
}

import type { ContractDocument } from '@frontage/contracts';
import { brokenUses, prunedDocument } from '@frontage/contracts/used-contract';
import { nearest } from '@frontage/core';
import type { UpstreamUse } from '../usage/operation-uses.js';

/** The effect of one change of a contract on one call of one screen. */
export interface ImpactFinding {
  /** `changes`: the screen goes on as before, once the client is generated again. */
  readonly verdict: 'breaks' | 'changes';
  readonly operation: string;
  /** `GET /orders` */
  readonly request: string;
  /** `items[].total`, `query limit`, `body sku`; empty for the operation. */
  readonly subject: string;
  /** `is gone` */
  readonly what: string;
  readonly bff: string;
  readonly screen: string;
  readonly owner?: string;
  readonly part: string;
  readonly source: string;
  /** The members of the screen's response that are made of the field; none where a parameter or the operation changes. */
  readonly members: readonly string[];
}

/** The effects of a new contract on every use of the old one; a change that no screen notices has none. */
export function impactOf(
  before: ContractDocument,
  after: ContractDocument,
  uses: readonly UpstreamUse[],
): readonly ImpactFinding[] {
  return uses.flatMap((use) => findingsOf(before, after, use));
}

function findingsOf(before: ContractDocument, after: ContractDocument, use: UpstreamUse): readonly ImpactFinding[] {
  const operation = before.operations.find(({ id }) => id === use.operation);
  if (operation === undefined) return [];
  const request = `${operation.method} ${operation.path}`;
  const { user, part, source } = use;
  const common = { operation: use.operation, request, ...user, part, source };
  const moved = after.operations.find(({ id }) => id === use.operation);
  const isMoved = moved !== undefined && `${moved.method} ${moved.path}` !== request;
  const known = isMoved
    ? {
        ...before,
        operations: before.operations.map((one) =>
          one === operation ? { ...one, method: moved.method, path: moved.path } : one,
        ),
      }
    : before;
  const changes = brokenUses(prunedDocument(known, [use]), after).map(({ subject, what }): ImpactFinding => {
    const isGone = subject === '' && what === 'is gone';
    const text = isGone ? `${what}${nearestText(use.operation, after)}` : what;
    const isSkipped = use.skippable.has(subject) && /^(?:may be null now|is no longer required)$/.test(what);
    return {
      ...common,
      verdict: isSkipped ? 'changes' : 'breaks',
      subject,
      what: text,
      members: membersOf(use, subject),
    };
  });
  if (!isMoved) return changes;
  const to = `is ${moved.method} ${moved.path} now`;
  return [{ ...common, verdict: 'changes', subject: '', what: to, members: [] }, ...changes];
}

function nearestText(operation: string, { operations }: ContractDocument): string {
  const near = nearest(operation, operations.map(({ id }) => id)); // prettier-ignore
  return near === undefined ? '' : `; the nearest is ${near}`;
}

/** The members that show a field, one around it, or one below it. */
function membersOf({ members }: UpstreamUse, subject: string): readonly string[] {
  if (/^(?:path|query|header|cookie|body|the body) ?/.test(subject) || subject === '') return [];
  const field = subject === 'the response' ? '' : subject;
  const shownBy = (fits: (read: string) => boolean): readonly string[] => [
    ...new Set([...members].flatMap(([read, shown]) => (fits(read) ? shown : []))),
  ];
  const own = shownBy((read) => field === '' || read === field || isBelow(read, field));
  // A value that is sent as a whole has the field in it.
  return own.length > 0 ? own : shownBy((read) => read === '(whole)' || isBelow(field, read));
}

const isBelow = (field: string, above: string): boolean =>
  field.startsWith(`${above}.`) || field.startsWith(`${above}[`);

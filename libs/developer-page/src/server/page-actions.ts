import type { FaultState } from '../model/state.js';
import { replay } from '../requests/replay.js';
import type { RequestRing } from '../requests/request-ring.js';
import type { SandboxClient } from './sandbox-client.js';

/** The result of an action, as JSON with a status. */
export interface ActionResult {
  readonly status: number;
  readonly body: unknown;
}

interface Parts {
  readonly ring: RequestRing;
  readonly sandbox: SandboxClient | undefined;
  readonly boot: string;
  /** Of the app. */
  readonly url: () => string;
}

const refused = (status: number, detail: string): ActionResult => ({ status, body: { detail } });
const done = (body: object = {}): ActionResult => ({ status: 200, body });

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `POST /developer/replay` with `{"id": 7}`: sends a request again, under the faults that there are now. */
async function replayAction({ ring, url, boot }: Parts, { id }: Members): Promise<ActionResult> {
  const kept = typeof id === 'number' ? ring.find(id) : undefined;
  if (kept === undefined) return refused(404, 'this request is no longer kept');
  if (kept.record.noReplay !== undefined) return refused(409, `it is not sent again: ${kept.record.noReplay}`);
  await replay(kept.copy, { url: url(), id: kept.record.id, boot });
  return done();
}

/** `POST /developer/faults` with `{"upstream": "users", "operation": "getUser", "fault": {"latencyMs": 500}}`; `fault: null` ends it. */
async function faultAction({ sandbox }: Parts, { upstream, operation, fault }: Members): Promise<ActionResult> {
  if (sandbox === undefined) return refused(409, 'no sandbox plays the upstreams of this app');
  if (upstream === undefined && fault === null) {
    await sandbox.clearFaults();
    return done(await sandbox.state());
  }
  if (typeof upstream !== 'string') return refused(400, '"upstream" is missing');
  if (operation !== undefined && typeof operation !== 'string') return refused(400, '"operation" is no operation id');
  if (fault !== null && !isMembers(fault))
    return refused(400, '"fault" takes an object such as {"latencyMs": 500}, or null');
  const wanted: FaultState | undefined = fault ?? undefined;
  const mistake = await sandbox.setFault(upstream, operation, wanted);
  return mistake === undefined ? done(await sandbox.state()) : refused(422, mistake);
}

export type PageAction = (body: unknown) => Promise<ActionResult>;

export function pageActions(parts: Parts): ReadonlyMap<string, PageAction> {
  const of =
    (action: (parts: Parts, body: Members) => Promise<ActionResult>): PageAction =>
    (body) =>
      isMembers(body) ? action(parts, body) : Promise.resolve(refused(400, 'expected a JSON object'));
  return new Map([
    ['/developer/replay', of(replayAction)],
    ['/developer/faults', of(faultAction)],
  ]);
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@frontage/config';
import { incidentOf, type Incident, type IncidentCall, type OperationInfo } from '@frontage/core';
import type { RunPlanOptions, ScreenRun } from './run-plan.js';
import { inOrder, outcomeReply, reply, timeout, type Reply } from './replies.js';

export interface LateReply {
  /** Ms after which a call that had no response gets one. */
  readonly afterMs: number;
}

/** An incident that `frontage replay` has made a test of: the responses of the services as they came. */
export class RecordedIncident {
  readonly #incident: Incident;

  constructor(incident: Incident) {
    this.#incident = incident;
  }

  /** The input of the plan. */
  get input(): Incident['input'] {
    return this.#incident.input;
  }

  /**
   * The reply to the calls of a part, in their order: with the outcome and the time of the incident.
   * @param late for its calls that had no response: they get the example of the contract @default they never get one
   * @throws Error for a part without a call, and for a response that was not kept
   */
  reply(part: string, late?: LateReply): Reply<unknown> {
    const calls = this.#incident.calls.filter((call) => call.part === part);
    const [first, ...others] = calls.map((call) => replyOf(call, late));
    if (first === undefined) throw new Error(`the incident has no call of '${part}': give it a reply of your own`);
    return inOrder(first, ...others);
  }

  /**
   * The policy that the app has for this screen now, in the environment of the incident.
   * @param file the `bff.yaml` of the app
   * @throws ConfigError with every mistake in it
   */
  policy(file: URL): Pick<RunPlanOptions, 'policy' | 'reserveMs' | 'timeoutOf'> {
    const { environment, screen } = this.#incident;
    const { plans, upstreams, reserveMs, deadlineMs } = loadConfig(fileURLToPath(file), {
      env: {},
      environment,
      unset: 'placeholder',
    });
    const own = plans[screen];
    return {
      policy: { ...own, deadlineMs: Math.min(own?.deadlineMs ?? Infinity, deadlineMs) },
      reserveMs,
      timeoutOf: ({ contract, id }: OperationInfo) => {
        const upstream = upstreams[contract.upstream];
        return upstream?.operations[id]?.timeoutMs ?? upstream?.timeoutMs ?? Infinity;
      },
    };
  }
}

/** @throws Error for a file that is no incident */
export function readIncident(file: URL): RecordedIncident {
  const incident = incidentOf(JSON.parse(readFileSync(file, 'utf8')));
  if (incident === undefined) throw new Error(`${fileURLToPath(file)} is no incident of this version`);
  return new RecordedIncident(incident);
}

/** The faults of a run: its problem, or the parts that are missing and have nothing in their place. */
export function missingIn(run: ScreenRun): readonly string[] {
  if (run.kind === 'complete' || run.kind === 'unchanged') return [];
  if (run.kind === 'cancelled') return ['everything: cancelled'];
  if (run.kind === 'problem') return [`everything: ${run.status} ${run.code}`];
  return Object.entries(run.report).flatMap(([part, missing]) => {
    if ('status' in missing) return missing.source === 'none' ? [`${part}: ${missing.status}`] : [];
    return Object.entries(missing.items).map(([item, status]) => `${part} ${item}: ${status}`);
  });
}

function replyOf({ part, tookMs, response }: IncidentCall, late: LateReply | undefined): Reply<unknown> {
  const afterMs = tookMs;
  switch (response.kind) {
    case 'value':
      return reply(response.body, { afterMs, ...(response.headers !== undefined && { headers: response.headers }) });
    case 'failure':
      return outcomeReply(response.failure, { afterMs });
    case 'none':
      return late === undefined ? timeout() : reply(response.example, { afterMs: late.afterMs });
    case 'left_out':
      throw new Error(`the response to '${part}' was not kept, because ${response.why}: give it a reply of your own`);
  }
}

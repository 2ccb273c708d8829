import { RequestNotes, type CallEnded, type RequestContext, type RequestEnded } from '@frontage/context';
import { channels, describeError, listen, redact, type Clock } from '@frontage/core';
import type { DeveloperSource } from '../model/source.js';
import type { RequestRecord } from '../model/request-record.js';
import type { EndpointState } from '../model/state.js';
import type { ExchangeCopy } from './exchange-copy.js';
import { noReplay, replayedId } from './replay.js';
import type { RequestRing } from './request-ring.js';
import { maxAttempts, rowsOf } from './request-rows.js';
import type { UpstreamWindow } from './upstream-window.js';

/** Characters of a path. */
const maxPath = 300;

export interface RecorderParts {
  readonly source: DeveloperSource;
  readonly ring: RequestRing;
  readonly window: UpstreamWindow;
  /** The word of this process, which marks requests that are sent again. */
  readonly boot: string;
  readonly onRecord: (record: RequestRecord) => void;
}

/** Makes a record of each request that has ended. */
export class RequestRecorder {
  readonly #source: DeveloperSource;
  readonly #clock: Clock;
  readonly #ring: RequestRing;
  readonly #watched = new WeakMap<RequestContext, ExchangeCopy>();
  readonly #boot: string;
  readonly #subscriptions: readonly (() => void)[];
  #endpoints: readonly EndpointState[] | undefined;

  constructor({ source, ring, window, boot, onRecord }: RecorderParts) {
    this.#source = source;
    this.#clock = source.clock;
    this.#ring = ring;
    this.#boot = boot;
    const ignore = (): void => undefined;
    this.#subscriptions = [
      listen<CallEnded>(
        channels.callEnded,
        ({ context, record }) => this.#watched.has(context) && window.add(record),
        ignore,
      ),
      listen<RequestEnded>(
        channels.requestEnded,
        (ended) => {
          const copy = this.#watched.get(ended.context);
          if (copy !== undefined) onRecord(this.#add(ended, copy));
        },
        ignore,
      ),
    ];
  }

  /** Other apps of the process have their own pages: a request that is not named here is none of ours. */
  watch(context: RequestContext, copy: ExchangeCopy): void {
    this.#watched.set(context, copy);
    // An app that exports no spans keeps none.
    context.notes ??= new RequestNotes();
  }

  stop(): void {
    for (const end of this.#subscriptions) end();
  }

  #add(ended: RequestEnded, copy: ExchangeCopy): RequestRecord {
    const { context, endedAt, status, code, clientGone, error } = ended;
    const { startedAt, calls, failures, deadlineAt, method, route } = context;
    this.#endpoints ??= this.#source.endpoints();
    const endpoint = this.#endpoints.find((one) => one.method === method && one.path === route);
    const { isLocal } = this.#source;
    const deadlineMs = Math.min(deadlineAt - startedAt, endpoint?.plan?.deadlineMs ?? Infinity);
    const replayOf = replayedId(copy, this.#boot);
    const reason = noReplay(copy, { isLocal, url: this.#source.url() });
    return this.#ring.add(
      (id) => ({
        id,
        requestId: context.requestId,
        traceId: context.traceId,
        time: this.#clock.wallTime() - (endedAt - startedAt),
        method,
        route,
        path: redact(copy.target, maxPath),
        status,
        ...(code !== undefined && { code }),
        durationMs: Math.round((endedAt - startedAt) * 100) / 100,
        ...(Number.isFinite(deadlineMs) && { deadlineMs: Math.round(deadlineMs) }),
        missingParts: context.missingParts,
        clientGone,
        ...(error !== undefined && { error: describeError(error).message }),
        rows: rowsOf({
          startedAt,
          endedAt,
          calls,
          failures: failures?.list ?? [],
          cached: context.notes?.cacheUses ?? [],
          nodes: endpoint?.plan?.nodes ?? [],
        }),
        moreAttempts: Math.max(0, calls.length - maxAttempts),
        ...(replayOf !== undefined && { replayOf }),
        ...(reason !== undefined && { noReplay: reason }),
      }),
      copy,
    );
  }
}

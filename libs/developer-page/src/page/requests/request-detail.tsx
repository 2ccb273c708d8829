import { useSignal } from '@preact/signals';
import type { RequestRecord } from '../../model/request-record.js';
import { replay } from '../data/api.js';
import { linkTo } from '../data/route.js';
import { awaited, requests } from '../data/store.js';
import { clockTime, duration, messageOf } from '../shared/format.js';
import { CallPanel } from './call-panel.js';
import { Response } from './response.js';
import { Waterfall } from './waterfall.js';

export function RequestDetail({ record }: { readonly record: RequestRecord }) {
  const { id, rows, error } = record;
  const row = useSignal<number | undefined>(undefined);
  /** Parts that the member under the pointer is made of. */
  const lit = useSignal<readonly string[]>([]);
  const chosen = row.value === undefined ? undefined : rows[row.value];
  return (
    <article aria-label={`Request ${id}`}>
      <Head record={record} />
      {error !== undefined && <p class="bad">{error}</p>}
      {rows.length === 0 ? (
        <p class="empty small">No call was made for it.</p>
      ) : (
        <Waterfall record={record} chosen={row.value} lit={lit.value} onChoose={(at) => (row.value = at)} />
      )}
      {chosen !== undefined && <CallPanel row={chosen} />}
      <Response record={record} onParts={(parts) => (lit.value = parts)} />
    </article>
  );
}

function Head({ record }: { readonly record: RequestRecord }) {
  const { id, method, path, route, status, code, durationMs, missingParts, time, requestId, traceId, replayOf } =
    record;
  const error = useSignal('');
  const original = requests.value.find((one) => one.id === replayOf);
  const send = (): void => {
    awaited.value = id;
    error.value = '';
    replay(id).catch((cause: unknown) => {
      awaited.value = undefined;
      error.value = messageOf(cause);
    });
  };
  return (
    <div class="head">
      <h2>
        <b>{method}</b> {path}
      </h2>
      <p class="facts">
        <span class={status === 0 || status >= 500 ? 'bad' : ''}>{status === 0 ? 'no response' : status}</span>
        {code !== undefined && <span>{code}</span>}
        <span>{duration(durationMs)}</span>
        {missingParts > 0 && (
          <span class="bad">
            {missingParts} {missingParts === 1 ? 'part' : 'parts'} missing
          </span>
        )}
        {missingParts === 0 && status >= 200 && status < 300 && <span>complete</span>}
        {original !== undefined && (
          <a href={linkTo('requests', original.id)}>
            replay of {original.id}: {original.status}, {duration(original.durationMs)}
          </a>
        )}
      </p>
      <p class="ids">
        {clockTime(time)} · {route} · request {requestId} · trace {traceId}
      </p>
      <div class="replay">
        <button type="button" class="main" disabled={record.noReplay !== undefined} onClick={send}>
          Replay
        </button>
        {record.noReplay !== undefined && <small>{record.noReplay}</small>}
        {error.value !== '' && (
          <small class="bad" role="alert">
            {error.value}
          </small>
        )}
      </div>
    </div>
  );
}

import { linkTo } from '../data/route.js';
import { requests, selected } from '../data/store.js';
import type { RequestRecord } from '../../model/request-record.js';
import { clockTime, duration } from '../shared/format.js';
import { RequestDetail } from './request-detail.js';

export function Requests() {
  const list = requests.value;
  if (list.length === 0)
    return (
      <p class="empty">
        No request yet. Send one to the app, such as the <code>curl</code> line that <code>npm start</code> has printed;
        it stands here when it has ended.
      </p>
    );
  const chosen = selected.value;
  return (
    <div class="split">
      <section aria-label="Requests">
        <ol class="requests" onKeyDown={move}>
          {list.map((record) => (
            <Item key={record.id} record={record} isChosen={record.id === chosen?.id} />
          ))}
        </ol>
      </section>
      {chosen === undefined ? (
        <p class="empty">This request is no longer kept.</p>
      ) : (
        <RequestDetail key={chosen.id} record={chosen} />
      )}
    </div>
  );
}

const isBad = ({ status }: Pick<RequestRecord, 'status'>): boolean => status === 0 || status >= 500;

function Item({ record, isChosen }: { readonly record: RequestRecord; readonly isChosen: boolean }) {
  const { id, time, method, path, status, durationMs, missingParts, replayOf, clientGone } = record;
  const notes = [
    ...(missingParts > 0 ? [`${missingParts} missing`] : []),
    ...(clientGone ? ['client left'] : []),
    ...(replayOf === undefined ? [] : [`replay of ${replayOf}`]),
  ];
  return (
    <li>
      <a href={linkTo('requests', id)} aria-current={isChosen ? 'true' : undefined}>
        <span class="what">
          <b>{method}</b> {path}
        </span>
        <span class={`status ${isBad(record) ? 'bad' : status >= 400 ? 'warn' : ''}`}>
          {status === 0 ? '–' : status}
        </span>
        <span class="ms">{duration(durationMs)}</span>
        <span class="time">
          {id} · {clockTime(time)}
        </span>
        {notes.length > 0 && <span class="note">{notes.join(', ')}</span>}
      </a>
    </li>
  );
}

/** Arrow keys go from one request to the next; Enter opens it, as it does with every link. */
function move(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

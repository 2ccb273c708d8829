import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { RequestBytes, RequestRecord } from '../../model/request-record.js';
import { readBytes } from '../data/api.js';
import { messageOf } from '../shared/format.js';
import { jsonLines, maxLines, type JsonLine } from './json-lines.js';
import { Why } from './why.js';

interface Props {
  readonly record: RequestRecord;
  /** Called with the parts that the member under the pointer is made of. */
  readonly onParts: (parts: readonly string[]) => void;
}

/** The response of a request. A member that has the focus or the pointer says where it is from. */
export function Response({ record, onParts }: Props) {
  const bytes = useSignal<RequestBytes | undefined>(undefined);
  const error = useSignal('');
  const isRevealed = useSignal(false);
  const member = useSignal<string | undefined>(undefined);
  useEffect(() => {
    readBytes(record.id, isRevealed.value).then(
      (read) => (bytes.value = read),
      (cause: unknown) => (error.value = messageOf(cause)),
    );
  }, [record.id, isRevealed.value]);
  const { response, noResponse, masked = [] } = bytes.value ?? {};
  const lines = useMemo(() => (response === undefined ? [] : jsonLines(response)), [response]);
  if (error.value !== '') return <p class="empty small">{error.value}</p>;
  if (bytes.value === undefined) return null;
  return (
    <section class="response" aria-label="Response">
      <div class="body">
        <h3>
          response
          {masked.length > 0 && <small>{masked.length} members hidden by their class</small>}
          {(masked.length > 0 || isRevealed.value) && (
            <button
              type="button"
              aria-pressed={isRevealed.value}
              onClick={() => (isRevealed.value = !isRevealed.value)}
            >
              {isRevealed.value ? 'Hide' : 'Show'} hidden members
            </button>
          )}
        </h3>
        {noResponse === undefined ? (
          <Tree lines={lines} onMember={(asked) => (member.value = asked)} />
        ) : (
          <p class="empty small">There is nothing to show: {noResponse}.</p>
        )}
        <Headers bytes={bytes.value} />
      </div>
      {noResponse === undefined && <Why record={record} member={member.value} onParts={onParts} />}
    </section>
  );
}

/** Milliseconds for which the pointer rests on a member. */
const restMs = 90;

function Tree({
  lines,
  onMember,
}: {
  readonly lines: readonly JsonLine[];
  readonly onMember: (member: string) => void;
}) {
  const focused = useSignal(0);
  const point = useMemo(() => {
    let timer = 0;
    return (member: string) => {
      clearTimeout(timer);
      timer = window.setTimeout(() => onMember(member), restMs);
    };
  }, []);
  const shown = lines.filter(({ kind }) => kind !== 'close');
  const move = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
    const { length } = shown;
    const next = { ArrowDown: focused.value + 1, ArrowUp: focused.value - 1, Home: 0, End: length - 1 }[event.key];
    if (next === undefined || next < 0 || next >= length) return;
    event.preventDefault();
    focused.value = next;
    event.currentTarget.querySelectorAll<HTMLElement>('[role=treeitem]')[next]?.focus();
  };
  return (
    <div class="tree" role="tree" aria-label="Members of the response: each says where it is from" onKeyDown={move}>
      {lines.map((line, index) => {
        if (line.kind === 'close')
          return (
            <div key={index} class="line" role="none" style={{ paddingLeft: `${line.depth * 14}px` }}>
              {line.text}
            </div>
          );
        const at = shown.indexOf(line);
        return (
          <div
            key={index}
            class="line item"
            role="treeitem"
            aria-level={line.depth + 1}
            aria-expanded={line.kind === 'open' ? true : undefined}
            aria-selected={at === focused.value}
            tabIndex={at === focused.value ? 0 : -1}
            data-member={line.member}
            style={{ paddingLeft: `${line.depth * 14}px` }}
            onFocus={() => {
              focused.value = at;
              onMember(line.member);
            }}
            onMouseEnter={() => point(line.member)}
          >
            {line.name !== undefined && <span class="name">{line.name}: </span>}
            <span class={`value ${line.kind}`}>{line.text}</span>
          </div>
        );
      })}
      {lines.length >= maxLines && <p class="empty small">The rest is too long to show.</p>}
    </div>
  );
}

function Headers({ bytes }: { readonly bytes: RequestBytes }) {
  const lists = [
    ['request', bytes.requestHeaders],
    ['response', bytes.responseHeaders],
  ] as const;
  return (
    <details>
      <summary>header fields</summary>
      {lists.map(([name, fields]) => (
        <div key={name}>
          <h4>{name}</h4>
          <dl class="fields">
            {fields.map(([field, value], index) => (
              <div key={index}>
                <dt>{field}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </details>
  );
}

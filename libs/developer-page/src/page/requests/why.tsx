import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RequestRecord } from '../../model/request-record.js';
import type { WhyMember, WhySource } from '../../model/state.js';
import { readWhy } from '../data/api.js';
import { duration } from '../shared/format.js';

interface Props {
  readonly record: RequestRecord;
  readonly member: string | undefined;
  readonly onParts: (parts: readonly string[]) => void;
}

interface Answer {
  readonly member: string;
  /** Empty where no call makes it. */
  readonly origins: readonly WhyMember[];
}

/** The origin of a member: the same as `frontage why` says, and the fate of the call in this request. */
export function Why({ record, member, onParts }: Props) {
  const answer = useSignal<Answer | undefined>(undefined);
  const { method, route } = record;
  useEffect(() => {
    if (member === undefined) return;
    let isStale = false;
    void readWhy(method, route, member).then((origins) => {
      if (isStale) return;
      answer.value = { member, origins };
      onParts(origins.flatMap(({ sources }) => sources.map(({ part }) => part)));
    });
    return () => {
      isStale = true;
    };
  }, [method, route, member]);
  return (
    <aside class="why" aria-label="Why" aria-live="polite">
      <h3>why</h3>
      <Told answer={answer.value} record={record} />
    </aside>
  );
}

function Told({ answer, record }: { readonly answer: Answer | undefined; readonly record: RequestRecord }) {
  if (answer === undefined)
    return <p class="empty small">Point at a member, or move through them with the arrow keys.</p>;
  const { member, origins } = answer;
  const name = member === '' ? 'the whole response' : member;
  const [only, ...others] = origins;
  if (only === undefined)
    return (
      <>
        <h4>{name}</h4>
        <p>{member.split(/[.[]/, 1)[0] === '_parts' ? 'The report of parts that are missing.' : 'No call makes it.'}</p>
      </>
    );
  if (others.length > 0) return <Members name={name} origins={[only, ...others]} record={record} />;
  const parts = Map.groupBy(only.sources, ({ part }) => part);
  return (
    <>
      <h4>{name}</h4>
      <dl>
        <Line name="expression" text={only.expression} />
        {only.mayBe.length > 0 && <Line name="may be" text={only.mayBe.join(' or ')} />}
        {only.classification !== undefined && <Line name="class" text={only.classification} />}
      </dl>
      {[...parts.values()].map((sources) => (
        <Part key={sources[0]?.part} sources={sources} record={record} />
      ))}
    </>
  );
}

/** Members of a response that are shown below one that has others. */
const maxMembers = 60;

/** A member with others below it: the fate of its calls, and a line for each. */
function Members({
  name,
  origins,
  record,
}: {
  readonly name: string;
  readonly origins: readonly WhyMember[];
  readonly record: RequestRecord;
}) {
  const sources = origins.flatMap((origin) => origin.sources);
  const parts = [...Map.groupBy(sources, ({ part }) => part).values()].flatMap(([first]) => first ?? []);
  return (
    <>
      <h4>{name}</h4>
      {parts
        .filter((source) => failureOf(source, record) !== undefined)
        .map((source) => (
          <dl key={source.part}>
            <Fate source={source} record={record} />
            <Line name="part" text={`${source.part}, ${source.need}`} />
            <Line name="without it" text={source.without} />
          </dl>
        ))}
      <dl class="members">
        {origins.slice(0, maxMembers).map((origin) => (
          <div key={origin.member}>
            <dt>{origin.member}</dt>
            <dd>{origin.sources.length === 0 ? origin.expression : origin.sources.map(sourceText).join(', ')}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const failureOf = ({ part, operation }: WhySource, { rows }: RequestRecord) =>
  rows.find((row) => row.part === part && row.operation === operation)?.failure;

/** The reason why the part has no value in this request. */
function Fate({ source, record }: { readonly source: WhySource; readonly record: RequestRecord }) {
  const failure = failureOf(source, record);
  if (failure === undefined) return null;
  const detail = failure.detail === undefined ? '' : `, ${failure.detail}`;
  return <Line name="here" text={`the call failed: ${failure.reason}${detail}`} isBad />;
}

const sourceText = ({ upstream, operation, field }: WhySource): string => `${upstream}.${operation} ${field}`;

function Part({ sources, record }: { readonly sources: readonly WhySource[]; readonly record: RequestRecord }) {
  const [first] = sources;
  if (first === undefined) return null;
  const { part, upstream, operation, request, need, without, maxAgeMs, owner } = first;
  const fields = sources.map(({ field, isComputed }) => (isComputed ? `${field} (computed with)` : field));
  return (
    <dl>
      <Fate source={first} record={record} />
      <Line name="upstream" text={`${upstream}.${operation}`} />
      <Line name="request" text={request} />
      <Line name={fields.length > 1 ? 'fields' : 'field'} text={fields.join(', ')} />
      <Line name="part" text={`${part}, ${need}`} />
      <Line name="without it" text={without} />
      <Line name="age" text={maxAgeMs === undefined ? 'that of the request' : `up to ${duration(maxAgeMs)}`} />
      {owner !== undefined && <Line name="owner" text={owner} />}
    </dl>
  );
}

function Line({
  name,
  text,
  isBad = false,
}: {
  readonly name: string;
  readonly text: string;
  readonly isBad?: boolean;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isBad ? 'bad' : ''}>{text}</dd>
    </div>
  );
}

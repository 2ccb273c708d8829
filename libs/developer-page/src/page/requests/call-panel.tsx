import type { CallRow } from '../../model/request-record.js';
import { linkTo } from '../data/route.js';
import { upstreams } from '../data/store.js';
import { FaultControl } from '../shared/fault-control.js';
import { duration } from '../shared/format.js';

/** Everything about the calls of one part, and their faults. */
export function CallPanel({ row }: { readonly row: CallRow }) {
  const { part, upstream, operation, attempts, failure, waitedFor } = row;
  const state = upstreams.value.find(({ name }) => name === upstream);
  const breaker = state?.breakers.find((one) => one.operation === operation) ?? state?.breakers[0];
  return (
    <section class="panel" aria-label={`Calls of ${part}`}>
      <div>
        <h3>
          {upstream}.{operation}
        </h3>
        <dl>
          {attempts.slice(0, 12).map((one, index) => (
            <Fact key={index} name={one.isHedge ? 'hedge' : `attempt ${one.attempt}`}>
              {duration(one.end - one.start)}, {one.outcome}
              {one.status > 0 && ` ${one.status}`}
              {one.waitedMs >= 1 && `, after a wait of ${duration(one.waitedMs)}`} <small>{one.address}</small>
            </Fact>
          ))}
          {failure !== undefined && (
            <Fact name="failed">
              <span class="bad">{failure.reason}</span> {failure.detail}
              {failure.count > 1 && ` (${failure.count} times)`}
            </Fact>
          )}
          {waitedFor !== undefined && <Fact name="waited for">{waitedFor}</Fact>}
          {breaker !== undefined && <Fact name="breaker">{breaker.state.replace('_', ' ')}</Fact>}
          <Fact name="service">
            <a href={linkTo('upstreams', upstream)}>{upstream}</a>
          </Fact>
        </dl>
      </div>
      {state?.isSandbox === true ? (
        <FaultControl upstream={upstream} operation={operation} />
      ) : (
        <p class="empty small">The sandbox does not play {upstream}: it has no faults to set.</p>
      )}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

import { useSignal } from '@preact/signals';
import type { BreakerState, UpstreamState } from '../../model/state.js';
import { chosen } from '../data/route.js';
import { sandbox, upstreams } from '../data/store.js';
import { FaultControl, faultText } from '../shared/fault-control.js';
import { duration, percent } from '../shared/format.js';

export function Upstreams() {
  return (
    <section aria-label="Upstreams">
      <h2 class="view">
        upstreams <small>attempts of the last minute</small>
      </h2>
      <ul class="upstreams">
        {upstreams.value
          .toSorted((one, other) => (one.name < other.name ? -1 : 1))
          .map((state) => (
            <Upstream key={state.name} state={state} />
          ))}
      </ul>
    </section>
  );
}

function Upstream({ state }: { readonly state: UpstreamState }) {
  const { name, calls, failures, p50Ms, p95Ms, recent, breakers, places, isSandbox } = state;
  const isOpen = useSignal(chosen.value === name);
  const faults = sandbox.value?.faults[name] ?? [];
  const operation = useSignal(faults.find((fault) => faultText(fault) !== '')?.operation);
  return (
    <li>
      <button type="button" class="row" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        <b>{name}</b>
        <Breakers breakers={breakers} />
        <span class={`figure ${calls === 0 ? 'quiet' : ''}`}>
          {calls} <small>calls</small>
        </span>
        <span class={`figure ${failures > 0 ? 'bad' : ''}`}>
          {calls === 0 ? '–' : percent(failures / calls)} <small>failed</small>
        </span>
        <span class="figure">
          {calls === 0 ? '–' : duration(p50Ms)} <small>p50</small>
        </span>
        <span class="figure">
          {calls === 0 ? '–' : duration(p95Ms)} <small>p95</small>
        </span>
        <Strip recent={recent} />
        <span class="fault">
          {faults
            .map(faultText)
            .filter((text) => text !== '')
            .join('; ')}
        </span>
      </button>
      {isOpen.value && (
        <div class="panel">
          <dl>
            <div>
              <dt>address</dt>
              <dd>{state.urls.join(', ')}</dd>
            </div>
            {places !== undefined && (
              <div>
                <dt>places</dt>
                <dd>
                  {places.active} of {places.limit} taken, {places.queued} wait
                </dd>
              </div>
            )}
            {breakers.map((breaker) => (
              <div key={breaker.operation}>
                <dt>breaker</dt>
                <dd>
                  {breaker.operation ?? 'all operations'}: {stateText(breaker)}
                </dd>
              </div>
            ))}
          </dl>
          {isSandbox ? (
            <div>
              <label class="of">
                faults of{' '}
                <select
                  value={operation.value ?? ''}
                  onChange={({ currentTarget }) =>
                    (operation.value = currentTarget.value === '' ? undefined : currentTarget.value)
                  }
                >
                  <option value="">all operations</option>
                  {state.operations.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
              <FaultControl
                key={operation.value ?? ''}
                upstream={name}
                {...(operation.value !== undefined && { operation: operation.value })}
              />
            </div>
          ) : (
            <p class="empty small">The sandbox does not play it: it has no faults to set.</p>
          )}
        </div>
      )}
    </li>
  );
}

const stateText = ({ state, isForced }: BreakerState): string =>
  `${state.replace('_', ' ')}${isForced ? ', forced' : ''}`;

function Breakers({ breakers }: { readonly breakers: readonly BreakerState[] }) {
  if (breakers.length === 0) return <span class="breaker">no breaker</span>;
  const open = breakers.filter(({ state }) => state !== 'closed');
  if (open.length === 0) return <span class="breaker">breaker closed</span>;
  return (
    <span class="breaker bad">{open.map((one) => `${one.operation ?? ''} ${stateText(one)}`.trim()).join(', ')}</span>
  );
}

/** Bars of the last attempts: their height is the time on a scale of squares, so that fast ones are seen beside slow ones. */
function Strip({ recent }: Pick<UpstreamState, 'recent'>) {
  const most = Math.max(20, ...recent.map(({ ms }) => ms));
  return (
    <svg class="strip" viewBox="0 0 160 22" role="img" aria-label={`the last ${recent.length} attempts`}>
      {recent.map(({ ms, isOk }, at) => {
        const height = Math.max(2, Math.sqrt(ms / most) * 21);
        return (
          <rect
            key={at}
            class={isOk ? 'ok' : 'failed'}
            x={160 - (recent.length - at) * 4}
            y={22 - height}
            width="3"
            height={height}
          />
        );
      })}
    </svg>
  );
}

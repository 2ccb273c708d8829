import { setFault } from '../data/api.js';
import { activeFaults, sandbox, take } from '../data/store.js';
import { faultText } from '../shared/fault-control.js';
import { clockTime, duration } from '../shared/format.js';

/** The faults that are set, and the calls that reached the sandbox. */
export function Sandbox() {
  const state = sandbox.value;
  if (state === undefined) return <p class="empty">No sandbox plays the upstreams of this app.</p>;
  return (
    <section aria-label="Sandbox">
      <h2 class="view">
        sandbox <small>{state.url}</small>
      </h2>
      <h3>faults</h3>
      {activeFaults.value.length === 0 && (
        <p class="empty small">None is set: each call may fail on the page of its request.</p>
      )}
      <ul class="set">
        {activeFaults.value.map(({ upstream, fault }) => (
          <li key={`${upstream} ${fault.operation ?? ''}`}>
            <b>
              {upstream}
              {fault.operation !== undefined && `.${fault.operation}`}
            </b>{' '}
            {faultText(fault)}
            <button type="button" onClick={() => void setFault(upstream, fault.operation, null).then(take)}>
              Clear
            </button>
          </li>
        ))}
      </ul>
      <h3>calls</h3>
      <table class="list">
        <caption class="unseen">Calls that reached the sandbox, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">time</th>
            <th scope="col">call</th>
            <th scope="col">request</th>
            <th scope="col">status</th>
            <th scope="col">took</th>
          </tr>
        </thead>
        <tbody>
          {state.calls.map(({ upstream, operation, method, target, startedAt, status, ms, state: end }, at) => (
            <tr key={`${startedAt} ${at}`}>
              <td>{clockTime(startedAt)}</td>
              <th scope="row">
                {upstream}.{operation}
              </th>
              <td>
                {method} {target}
              </td>
              <td class={end === 'answered' && (status ?? 0) < 500 ? '' : 'bad'}>
                {end === 'answered' ? status : end}
              </td>
              <td>{ms === undefined ? '' : duration(ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

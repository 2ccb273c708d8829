import type { JSX } from 'preact';
import { clearFaults } from './data/api.js';
import { linkTo, view, views, type View } from './data/route.js';
import { activeFaults, facts, isLive, spoken, take } from './data/store.js';
import { Requests } from './requests/requests.js';
import { faultText } from './shared/fault-control.js';
import { Endpoints } from './views/endpoints.js';
import { Policy } from './views/policy.js';
import { Sandbox } from './views/sandbox.js';
import { Upstreams } from './views/upstreams.js';

const shown: Readonly<Record<View, () => JSX.Element>> = {
  requests: Requests,
  upstreams: Upstreams,
  endpoints: Endpoints,
  policy: Policy,
  sandbox: Sandbox,
};

export function App() {
  const Shown = shown[view.value];
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        To the content
      </a>
      <header>
        <h1>
          {facts.value?.app ?? 'Frontage'} <small>{facts.value?.url.replace('http://', '')}</small>
        </h1>
        <nav aria-label="Views">
          {views.map((name) => (
            <a key={name} href={linkTo(name)} aria-current={view.value === name ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <FaultsChip />
        <span class={`live ${isLive.value ? 'yes' : 'no'}`}>{isLive.value ? 'live' : 'not connected'}</span>
      </header>
      <main id="main" tabIndex={-1}>
        <Shown />
      </main>
      <div class="unseen" role="status" aria-live="polite">
        {spoken.value}
      </div>
    </>
  );
}

/** A link to `#main` would be taken for a view. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function FaultsChip() {
  const active = activeFaults.value;
  if (active.length === 0) return <span class="chip none">no faults</span>;
  const title = active
    .map(
      ({ upstream, fault }) =>
        `${upstream}${fault.operation === undefined ? '' : `.${fault.operation}`}: ${faultText(fault)}`,
    )
    .join('\n');
  return (
    <span class="chip" title={title}>
      <span>{active.length === 1 ? '1 fault' : `${active.length} faults`}</span>
      <button type="button" onClick={() => void clearFaults().then(take)}>
        Clear
      </button>
    </span>
  );
}

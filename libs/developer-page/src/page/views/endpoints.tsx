import type { EndpointState } from '../../model/state.js';
import { chosen, linkTo } from '../data/route.js';
import { endpoints } from '../data/store.js';
import { duration } from '../shared/format.js';
import { PlanGraph } from './plan-graph.js';

const nameOf = ({ method, path }: EndpointState): string => `${method} ${path}`;

export function Endpoints() {
  const list = endpoints.value;
  const shown =
    list.find((one) => nameOf(one) === chosen.value) ??
    list.toSorted((one, other) => (other.plan?.nodes.length ?? 0) - (one.plan?.nodes.length ?? 0))[0];
  return (
    <div class="split">
      <section aria-label="Endpoints">
        <ol class="requests plans">
          {list.map((endpoint) => (
            <li key={nameOf(endpoint)}>
              <a href={linkTo('endpoints', nameOf(endpoint))} aria-current={endpoint === shown ? 'true' : undefined}>
                <span class="what">
                  <b>{endpoint.method}</b> {endpoint.path}
                </span>
                <span class="ms">{endpoint.plan === undefined ? '' : callsText(endpoint.plan.nodes.length)}</span>
                <span class="time">{endpoint.plan?.name ?? 'written by hand'}</span>
              </a>
            </li>
          ))}
        </ol>
      </section>
      {shown !== undefined && <Plan endpoint={shown} />}
    </div>
  );
}

const callsText = (count: number): string => `${count} ${count === 1 ? 'part' : 'parts'}`;

function Plan({ endpoint }: { readonly endpoint: EndpointState }) {
  const { handler, plan } = endpoint;
  return (
    <article aria-label={nameOf(endpoint)}>
      <div class="head">
        <h2>
          <b>{endpoint.method}</b> {endpoint.path}
        </h2>
        <p class="facts">
          <span>{plan?.name ?? 'written by hand'}</span>
          {plan !== undefined && <span>deadline {duration(plan.deadlineMs)}</span>}
          <span>{handler}</span>
          {plan !== undefined && <code>{plan.source}</code>}
        </p>
      </div>
      {plan === undefined ? (
        <p class="empty">A controller that is written by hand has no plan to draw.</p>
      ) : (
        <PlanGraph nodes={plan.nodes} name={plan.name} />
      )}
    </article>
  );
}

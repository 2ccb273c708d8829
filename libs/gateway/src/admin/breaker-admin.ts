import { jsonPage, type AdminAction, type AdminRoute } from '@frontage/admin';
import type { Upstream } from '@frontage/clients';

/** The time for which a state is forced where the request does not say, in seconds. */
const usualSeconds = 600;
/** A state that an operator forgets ends by itself within a day. */
const maxSeconds = 86_400;

const form = '{"upstream": "orders", "state": "open", "forSeconds": 600}';
const states = ['open', 'closed', 'automatic'] as const;

interface Wanted {
  readonly upstream: string;
  readonly operation: string | undefined;
  readonly state: (typeof states)[number];
  readonly forSeconds: number;
}

/** `GET /breakers`: each circuit with its state, of operations that some route calls. */
export const breakersPage =
  (upstreams: () => readonly Upstream[]): AdminRoute =>
  () =>
    jsonPage({
      breakers: upstreams().flatMap((upstream) =>
        upstream.circuits().map(({ operation, state, rejected, forced }) => ({
          upstream: upstream.name,
          ...(operation !== undefined && { operation }),
          state,
          rejected,
          ...(forced && { forced: { state: forced.state, forSeconds: Math.ceil(forced.forMs / 1_000) } }),
        })),
      ),
    });

/**
 * `POST /breakers`: forces the circuits of an upstream, or that of one of its operations, open or closed for a time, after which they are automatic
 * again.
 */
export function breakerAction(upstreams: () => readonly Upstream[]): AdminAction {
  return (body) => {
    const refuse = (detail: string) => ({ ...jsonPage({ detail }), status: 400 });
    const wanted = wantedOf(body);
    if (typeof wanted === 'string') return refuse(wanted);
    const { operation, state, forSeconds } = wanted;
    const upstream = upstreams().find(({ name }) => name === wanted.upstream);
    const named = operation === undefined ? wanted.upstream : `${wanted.upstream}.${operation}`;
    const breakers = upstream?.forceCircuits(operation, state, forSeconds * 1_000) ?? 0;
    if (breakers === 0) return { ...refuse(`there is no breaker of ${named}; GET /breakers lists them`), status: 404 };
    return jsonPage({ breakers, state, ...(state !== 'automatic' && { forSeconds }) });
  };
}

/** @returns a text that says what is wrong with it */
function wantedOf(body: unknown): Wanted | string {
  if (typeof body !== 'object' || body === null) return `expected an object such as ${form}`;
  const { upstream, operation, state, forSeconds = usualSeconds, ...others }: Record<string, unknown> = { ...body };
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined)
    return `unknown member "${unknown}"; expected one of upstream, operation, state, forSeconds`;
  if (typeof upstream !== 'string') return `"upstream" is missing: expected an object such as ${form}`;
  if (operation !== undefined && typeof operation !== 'string') return '"operation" is no operation id';
  const known = states.find((each) => each === state);
  if (known === undefined) return `"state" takes one of ${states.join(', ')}`;
  if (typeof forSeconds !== 'number' || !Number.isInteger(forSeconds) || forSeconds < 1 || forSeconds > maxSeconds)
    return `"forSeconds" takes a whole number from 1 to ${maxSeconds}`;
  return { upstream, operation, state: known, forSeconds };
}

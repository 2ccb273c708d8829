import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ask, bearer, jsonType, type Asked } from './client.js';
import type { Random } from './random.js';
import { newsTitle } from './upstreams/desk.js';
import { markOf, usersIn } from './upstreams/marks.js';
import { userCount, type SoakWorld } from './world.js';

const absent = { id: 'none', mark: 'none' };

/** The checks of one kind of response: each gives back what is wrong with it. */
type Visit = (world: SoakWorld, random: Random, agent: Agent, user: number) => Promise<string | undefined>;

const own = (user: number) => ({ id: `user-${user}`, mark: markOf(`user-${user}`) });
const short = ({ status, text }: Asked): string => `${status} ${text.slice(0, 300)}`;

/** Bytes of one user in the response to another are the worst that can happen: they are looked for before everything else. */
function foreignBytes(response: Asked, user: number): string | undefined {
  const foreign = [...usersIn(response.text)].filter((name) => name !== `user-${user}`);
  return foreign.length === 0 ? undefined : `bytes of ${foreign.join(', ')} at user-${user}`;
}

/** A malformed trace context changes nothing for the client. */
const fields = (random: Random, user: number): Readonly<Record<string, string>> => ({
  'x-forwarded-for': `192.0.2.${user}`,
  ...(random.below(4) === 0 && {
    traceparent: random.one(['', '00-x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, 'ff-1-2-3']),
  }),
  ...(random.below(4) === 0 && { tracestate: random.one([',,,', 'a b c', '='.repeat(600), 'k=v,k=w']) }),
});

const me: Visit = async (world, random, agent, user) => {
  const headers = { ...bearer(world.tokens[user]), ...fields(random, user) };
  const response = await ask(world.url, '/me', { agent, headers });
  const foreign = foreignBytes(response, user);
  if (foreign !== undefined) return foreign;
  if (response.status !== 200) return `/me of user-${user}: ${short(response)}`;
  const { profile, news, frail, named } = JSON.parse(response.text) as Readonly<Record<string, unknown>>;
  const isRight =
    isDeepStrictEqual(profile, own(user)) &&
    isDeepStrictEqual(news, { title: newsTitle }) &&
    [frail, named].every((part) => isDeepStrictEqual(part, own(user)) || isDeepStrictEqual(part, absent));
  return isRight ? undefined : `/me of user-${user}: ${short(response)}`;
};

const profile: Visit = async (world, random, agent, user) => {
  const response = await ask(world.url, `/profiles/user-${user}`, { agent, headers: fields(random, user) });
  const isRight = response.status === 200 && isDeepStrictEqual(JSON.parse(response.text), own(user));
  return foreignBytes(response, user) ?? (isRight ? undefined : `/profiles/user-${user}: ${short(response)}`);
};

const order: Visit = async (world, random, agent, user) => {
  const name = `fine-${user}-${random.below(1e9)}`;
  const response = await ask(world.url, '/orders', {
    method: 'POST',
    agent,
    headers: { ...jsonType, ...bearer(world.tokens[user]) },
    body: JSON.stringify({ name, other: [1, { two: 'three' }] }),
  });
  const expected = { id: name, mark: markOf(`user-${user}`) };
  const isRight = response.status === 201 && isDeepStrictEqual(JSON.parse(response.text), expected);
  return foreignBytes(response, user) ?? (isRight ? undefined : `the order of user-${user}: ${short(response)}`);
};

const limited: Visit = async (world, random, agent, user) => {
  const headers = { ...bearer(world.tokens[user]), ...fields(random, user) };
  const response = await ask(world.url, '/limited', { agent, headers });
  if (response.status === 429) return undefined;
  const isRight = response.status === 200 && isDeepStrictEqual(JSON.parse(response.text), { subject: `user-${user}` });
  return isRight ? undefined : `/limited of user-${user}: ${short(response)}`;
};

const visits: readonly Visit[] = [me, me, me, profile, order, limited];

export interface LoadCounts {
  requests: number;
}

/** One client over a kept connection, as every user in turn, until it is stopped. @returns what was wrong with its responses */
export async function visitUntil(
  world: SoakWorld,
  random: Random,
  stopped: AbortSignal,
  counts: LoadCounts,
): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const wrong: string[] = [];
  while (!stopped.aborted && wrong.length < 20) {
    const visit = random.one(visits);
    const found = await visit(world, random, agent, random.below(userCount)).catch(
      (cause: unknown) => `${visit.name}: no whole response: ${String(cause)}`,
    );
    if (found !== undefined) wrong.push(found);
    counts.requests++;
    await pause(random.below(8));
  }
  agent.destroy();
  return wrong;
}

import { climbingIds } from '../../attacks/climbing-ids.js';
import { ask } from '../client.js';
import { transports } from '../contracts.js';
import { newsTitle } from '../upstreams/desk.js';
import { brokenKinds, soundKinds } from '../upstreams/faulty.js';
import { misfit, type Attack } from './attack.js';

const failures = [502, 503, 504];

/** Inputs that arrive from, or are aimed at, what is behind the BFF. */
export const upstreamAttacks: Readonly<Record<string, Attack>> = {
  'paths that climb': async (world, random) =>
    misfit(await ask(world.url, `/profiles/${random.one(climbingIds)}`), [400]),
  'unasked bytes of upstreams': async (world, random) => {
    const id = `f${random.below(1e6)}`;
    const path = `/faults/${random.one(transports)}/${random.one(Object.keys(soundKinds))}/${id}`;
    const response = await ask(world.url, path);
    const wrong = misfit(response, [200, ...failures]);
    if (wrong !== undefined) return `${path}: ${wrong}`;
    if (response.status !== 200 || response.text === `{"id":"${id}","text":"abc1"}`) return undefined;
    return `${path} was answered with ${response.text.slice(0, 200)}`;
  },
  'broken responses of upstreams': async (world, random) => {
    const path = `/faults/${random.one(transports)}/${random.one(Object.keys(brokenKinds))}/f1`;
    const wrong = misfit(await ask(world.url, path), failures);
    return wrong && `${path}: ${wrong}`;
  },
  'broken responses for a part of a page': async (world, random) => {
    const path = `/pages/${random.one(transports)}/${random.one(Object.keys(brokenKinds))}/f1`;
    const response = await ask(world.url, path);
    const wrong = misfit(response, [200]);
    if (wrong !== undefined) return `${path}: ${wrong}`;
    const { news, fault } = JSON.parse(response.text) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    const isRight = news?.['title'] === newsTitle && fault?.['id'] === 'none';
    return isRight ? undefined : `${path}: ${response.text.slice(0, 200)}`;
  },
  'names of prototypes at the admin port': async (world, random) => {
    const path = random.one([
      '/docs/constructor',
      '/docs/__proto__',
      '/constructor',
      '/docs/..%2f..%2fetc',
      '/toString',
    ]);
    return misfit(await ask(world.adminUrl, path), [400, 404]);
  },
};

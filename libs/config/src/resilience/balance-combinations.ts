import type { Path } from '../document/tree.js';
import { isService } from './service-url.js';
import type { Policy } from '../schema/bff.schema.js';

type Refuse = (path: Path, message: string) => void;
type Has = (path: Path) => boolean;
type Upstream = Policy['upstreams'][string];
type Balance = NonNullable<Upstream['balance']>;

/** Refuses balancing that would have no effect, or that names what is not there. */
export function checkBalance(path: Path, upstream: Upstream, trustedProxies: number, refuse: Refuse, has: Has): void {
  const { urls, balance } = upstream;
  const service = urls.findIndex(isService);
  if (service !== -1) checkService(path, service, upstream, refuse);
  else if (urls.length === 1) {
    for (const key of ['balance', 'health'] as const)
      if (has([...path, key])) refuse([...path, key], `"${key}" is not used with one address; "urls" has one`);
    return;
  }
  if (balance === undefined) return;
  const { by, on, weights, groups, choose } = balance;
  const at = [...path, 'balance'];
  if (by === 'hash' && on === undefined) refuse(at, '"by: hash" needs "on", the key');
  if (by !== 'hash' && on !== undefined) refuse([...at, 'on'], '"on" is not used without "by: hash"');
  if (service !== -1) return;
  if (weights !== undefined && weights.length !== urls.length)
    refuse([...at, 'weights'], `these are ${weights.length} weights for ${urls.length} addresses`);
  if (groups !== undefined) checkGroups([...at, 'groups'], groups, urls, refuse);
  if (choose !== undefined) checkChoose([...at, 'choose'], choose, groups, trustedProxies, refuse);
}

/** @param at the index of the address that names a service */
function checkService(path: Path, at: number, { urls, balance, operations }: Upstream, refuse: Refuse): void {
  const url = urls[at] ?? '';
  if (urls.length > 1)
    refuse([...path, 'urls', at], 'the name of a service stands alone: its records have the addresses');
  if (/^[^/]*\/\/[^/]*:\d/.test(url))
    refuse([...path, 'urls', at], 'the name of a service has no port: its records have it');
  for (const key of ['weights', 'groups'] as const)
    if (balance?.[key] !== undefined)
      refuse([...path, 'balance', key], `"${key}" is not used with the name of a service`);
  for (const [id, { urls: own = [] }] of Object.entries(operations)) {
    const index = own.findIndex(isService);
    if (index !== -1)
      refuse([...path, 'operations', id, 'urls', index], 'an operation cannot have the name of a service');
  }
}

function checkGroups(at: Path, groups: NonNullable<Balance['groups']>, urls: readonly string[], refuse: Refuse): void {
  const groupOf = new Map<string, string>();
  for (const [name, group] of Object.entries(groups)) {
    for (const [index, url] of group.urls.entries()) {
      const other = groupOf.get(url);
      if (!urls.includes(url))
        refuse([...at, name, 'urls', index], '"urls" of the upstream does not have this address');
      if (other !== undefined) refuse([...at, name, 'urls', index], `the group "${other}" has this address`);
      groupOf.set(url, name);
    }
  }
  const left = urls.find((url) => !groupOf.has(url));
  if (left !== undefined) refuse(at, `${left} belongs to no group`);
  if (Object.values(groups).every(({ weight }) => weight === 0)) refuse(at, 'a group needs a weight above 0');
}

function checkChoose(
  at: Path,
  { from, key }: NonNullable<Balance['choose']>,
  groups: Balance['groups'],
  trustedProxies: number,
  refuse: Refuse,
): void {
  if (groups === undefined) refuse(at, '"choose" is not used without "groups"');
  else if ((from === undefined) === (key === undefined))
    refuse(at, 'takes either "from: proxy" or "key": a header of anybody chooses nothing');
  else if (from !== undefined && trustedProxies === 0)
    refuse(
      [...at, 'from'],
      'needs "listen.trustedProxies" as a number of 1 or more: a client that reaches the app sets the header',
    );
}

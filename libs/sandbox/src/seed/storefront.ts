import type { Behaviour } from '../model/behaviour.js';
import {
  catalogueBehaviour,
  contentBehaviour,
  inventoryBehaviour,
  recommendationsBehaviour,
  reviewsBehaviour,
  usersBehaviour,
} from './browsing.js';
import { users } from './people.js';
import { trading } from './trading.js';

/** The storefront's upstreams by name, with fresh state. */
export const storefront = (): Readonly<Record<string, Behaviour>> => ({
  users: usersBehaviour,
  catalogue: catalogueBehaviour,
  inventory: inventoryBehaviour,
  reviews: reviewsBehaviour,
  recommendations: recommendationsBehaviour,
  content: contentBehaviour,
  ...trading(),
});

/** The customers, for the login page. */
export const customers: readonly { readonly id: string; readonly name: string }[] = users.map(({ id, name }) => ({
  id,
  name,
}));

import type { RedisStore } from './redis-store.js';
import { storeNamespace } from './store-key.js';

/* Code that uses the store cannot forget the name of the app: the compiler takes only keys that `storeNamespace` made. */
export async function usesTheStore(store: RedisStore): Promise<void> {
  await store.get(store.namespace('cache').key('a'));
  await store.get(storeNamespace('mobile', 'cache').key('a'));
  // @ts-expect-error a text is no key
  await store.get('a');
  // @ts-expect-error a text is no key
  await store.set('mobile:cache:v3:a', Buffer.alloc(0), 1);
  // @ts-expect-error a text is no key
  await store.evaluate({ source: '', digest: '' }, [`${storeNamespace('mobile', 'limits').prefix}a`], []);
  // @ts-expect-error a purpose that is not in the list
  store.namespace('carts');
}

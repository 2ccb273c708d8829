import type { CacheConfig } from '../blocks/cache-config.js';
import { given } from '../access/policy-members.js';
import { mapByName } from '../document/tree.js';
import type { Policy } from '../schema/bff.schema.js';

export function toCache(rule: Policy['upstreams'][string]['cache'][string]): CacheConfig {
  return {
    ...given('ttlMs', rule.ttl),
    ...given('follow', rule.follow),
    ...given(
      'targets',
      rule.targets?.map((name) => name.toLowerCase()),
    ),
    ...given('staleWhileRevalidateMs', rule.staleWhileRevalidate),
    ...given('staleIfErrorMs', rule.staleIfError),
    ...given('maxBytes', rule.maxBytes),
    ...given('negativeMs', rule.negative),
    ...given('warm', rule.warm),
    scope: rule.scope,
    ...given('tags', rule.tags),
    ...given('vary', rule.vary && mapByName(rule.vary, (values) => values)),
  };
}

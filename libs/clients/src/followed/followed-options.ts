import type { FollowedOperationOptions } from '@frontage/caching';
import { isSafe, type OperationInfo } from '@frontage/core';
import { compileFields } from '../decode/response-fields.js';
import type { CachePolicy, UpstreamOptions } from '../policy/upstream.options.js';
import { everChanging } from './asked.js';
import { changedFields } from './changes.stage.js';

type Rules = UpstreamOptions['cache'];

/** The fields by which a response is kept (RFC 9111), besides those that its contract declares. */
const ruling = 'age cache-control connection date etag expires last-modified set-cookie vary'.split(' ');

/** True if responses of some operation are kept as they say themselves. */
export const followsAny = (rules: Rules = {}): boolean =>
  Object.values(rules).some(({ follow }) => follow !== undefined);

/** The fields that are kept of each response to an operation, in lower case: those of its terms, or those that name what a write changed. */
export function keptFieldsOf(info: OperationInfo, rules: Rules = {}): ReadonlySet<string> | undefined {
  const rule = rules[info.id];
  if (rule === undefined) return !isSafe(info) && followsAny(rules) ? changedFields : undefined;
  if (rule.follow === undefined) return undefined;
  const declared = (info.headers ?? []).map(({ name }) => name.toLowerCase());
  return new Set([...ruling, ...(rule.targets ?? []), ...declared]);
}

/** The options of a followed operation that others have not. */
export const followedOptions = (
  info: OperationInfo,
  { targets = [] }: CachePolicy,
): Pick<FollowedOperationOptions, 'targets' | 'everChanging' | 'readHeaders' | 'showsAge'> => ({
  targets,
  everChanging,
  readHeaders: compileFields(info),
  showsAge: info.headers?.some(({ name }) => name.toLowerCase() === 'age') ?? false,
});

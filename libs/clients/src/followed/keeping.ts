import { compileTags, contractShape, type OperationCache } from '@frontage/caching';
import type { CachePolicy, ResolvedUpstreamOptions } from '../policy/upstream.options.js';
import type { CompiledOperation } from '../request/compiled-operation.js';
import { forwardedFields } from '../request/forwarded-fields.js';
import type { Stage } from '../request/upstream-request.js';
import { cache, type Kept } from '../stages/cache.stage.js';
import { askedReader } from './asked.js';
import { changes } from './changes.stage.js';
import { followedOptions, followsAny } from './followed-options.js';
import { followed } from './followed.stage.js';

/**
 * The stage that keeps the responses of a read, or ends the use of kept ones after a write; absent where policy asks for neither.
 * @param kept absent where the policy names no operation that is cached
 * @param keeps absent where the responses of this operation are not kept
 * @throws TypeError for a rule that makes no sense for the operation
 */
export function keepingOf(
  kept: OperationCache | undefined,
  operation: CompiledOperation,
  options: ResolvedUpstreamOptions,
  keeps: Omit<Kept, 'cached'> | undefined,
): Stage | undefined {
  const { info, upstream, isSafe } = operation;
  const rule = options.cache?.[info.id];
  if (rule === undefined && !isSafe && kept !== undefined && followsAny(options.cache))
    return changes(kept, upstream, options.addresses);
  if (rule === undefined || keeps === undefined) return undefined;
  checkRule(operation, rule);
  if (kept === undefined) throw new TypeError(`${upstream}.${info.id}: cache needs an OperationCache`);
  const fields = forwardedFields(info.id, options);
  const { ttlMs, tags, maxBytes, negativeMs = 0, scope = 'caller' } = rule;
  const shared = {
    upstream,
    operation: info.id,
    shape: contractShape(info),
    scope,
    ...(maxBytes !== undefined && { maxBytes }),
    ...(tags && { tagsOf: compileTags(tags, info) }),
  };
  if (ttlMs === undefined) {
    const cached = kept.followed({ ...shared, ...followedOptions(info, rule) });
    return followed(cached, askedReader(operation, options, fields), keeps.reader);
  }
  const { staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = rule;
  const cached = kept.operation({ ...shared, ttlMs, staleWhileRevalidateMs, staleIfErrorMs, negativeMs });
  return cache({ cached, ...keeps }, fields);
}

function checkRule({ info, upstream, isSafe }: CompiledOperation, { ttlMs, follow, negativeMs }: CachePolicy): void {
  if ((ttlMs === undefined) === (follow === undefined))
    throw new TypeError(`${upstream}.${info.id}: cache takes either ttlMs or follow`);
  if (!isSafe) {
    throw new TypeError(
      `${upstream}.${info.id}: cache takes reads, and this one is a ${info.method}; where it only reads, write operations.${info.id}.safe: true`,
    );
  }
  if (negativeMs !== undefined && !info.responses.some(({ status }) => /^4(?:04|XX)$/i.test(status)))
    throw new TypeError(`${upstream}.${info.id}: negative keeps a declared 404, and the contract declares none`);
}

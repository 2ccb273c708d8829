import { compileTags, contractShape, type OperationCache } from '@frontage/caching';
import type { Clock } from '@frontage/core';
import type { CachePolicy, ResolvedUpstreamOptions } from '../policy/upstream.options.js';
import type { CompiledOperation } from '../request/compiled-operation.js';
import { forwardedFields } from '../request/forwarded-fields.js';
import type { Stage } from '../request/upstream-request.js';
import { keptRows, type KeptByRow } from '../rows/kept-rows.stage.js';
import type { RowsOfCall } from '../rows/row-calls.js';
import { cache, type Kept } from '../stages/cache.stage.js';
import { askedReader } from './asked.js';
import { changes } from './changes.stage.js';
import { followedOptions, followsAny } from './followed-options.js';
import { followed } from './followed.stage.js';

/** Undefined where the responses of a call are kept as a whole: it has no rows, or they say themselves how they are kept. */
export const keptByRow = (
  rows: RowsOfCall | undefined,
  rule: CachePolicy | undefined,
  clock: Clock,
): KeptByRow | undefined => (rows && rule?.ttlMs !== undefined ? { rows, ttlMs: rule.ttlMs, clock } : undefined);

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
  keeps: Omit<Kept, 'cached'> | KeptByRow | undefined,
): Stage | undefined {
  const { info, upstream, isSafe } = operation;
  const rule = options.cache?.[info.id];
  if (rule === undefined && !isSafe && kept !== undefined && followsAny(options.cache))
    return changes(kept, upstream, options.addresses);
  if (rule === undefined || keeps === undefined) return undefined;
  const rows = 'rows' in keeps ? keeps.rows : undefined;
  checkRule(operation, rule, rows);
  if (kept === undefined) throw new TypeError(`${upstream}.${info.id}: cache needs an OperationCache`);
  const fields = forwardedFields(info.id, options);
  const { ttlMs, tags, maxBytes, negativeMs = 0, scope = 'caller' } = rule;
  const shared = {
    upstream,
    operation: info.id,
    // A row is another value than a response that holds it alone.
    shape: rows === undefined ? contractShape(info) : JSON.stringify([contractShape(info), rows]),
    scope,
    ...(maxBytes !== undefined && { maxBytes }),
    ...(tags && { tagsOf: compileTags(tags, info) }),
  };
  const { staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = rule;
  const times = { staleWhileRevalidateMs, staleIfErrorMs, negativeMs };
  if ('rows' in keeps) return keptRows(kept.operation({ ...shared, ...times, ttlMs: keeps.ttlMs }), keeps, fields);
  if (ttlMs === undefined) {
    if (operation.groupField !== undefined)
      throw new TypeError(`${upstream}.${info.id}: cacheGroups takes ttlMs, not follow`);
    const cached = kept.followed({ ...shared, ...followedOptions(info, rule) });
    return followed(cached, askedReader(operation, options, fields), keeps.reader);
  }
  const groups = operation.groupField !== undefined;
  return cache({ cached: kept.operation({ ...shared, ...times, groups, ttlMs }), ...keeps }, fields);
}

function checkRule(
  { info, upstream, isSafe }: CompiledOperation,
  { ttlMs, follow, negativeMs }: CachePolicy,
  rows: RowsOfCall | undefined,
): void {
  if ((ttlMs === undefined) === (follow === undefined))
    throw new TypeError(`${upstream}.${info.id}: cache takes either ttlMs or follow`);
  if (!isSafe) {
    throw new TypeError(
      `${upstream}.${info.id}: cache takes reads, and this one is a ${info.method}; where it only reads, write operations.${info.id}.safe: true`,
    );
  }
  // A row that is not in a response needs no status.
  if (
    negativeMs !== undefined &&
    rows === undefined &&
    !info.responses.some(({ status }) => /^4(?:04|XX)$/i.test(status))
  )
    throw new TypeError(`${upstream}.${info.id}: negative keeps a declared 404, and the contract declares none`);
}

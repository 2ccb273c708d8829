import { jsonPage, type AdminAction } from '@frontage/admin';
import { invalidatedByRequest, type InvalidationRequest, type OperationCache } from '@frontage/caching';

const lists = ['tags', 'operations', 'keys'] as const;
const form = '{"tags": ["item:7"]}, {"operations": ["upstream.operation"]}, {"keys": [...]} or {"all": true}';

/** `POST /invalidations`: cached responses of these tags, operations or keys are not given any more, in any process. */
export function invalidateAction(cache: OperationCache): AdminAction {
  return async (body) => {
    const request = requestOf(body);
    if (typeof request === 'string') return { ...jsonPage({ detail: request }), status: 400 };
    await cache.invalidate(invalidatedByRequest(request));
    return jsonPage({ invalidated: request, pending: !cache.isInStep });
  };
}

/** @returns a text that says what is wrong with it */
function requestOf(body: unknown): InvalidationRequest | string {
  if (typeof body !== 'object' || body === null || Object.keys(body).length === 0)
    return `expected an object such as ${form}`;
  const { all, ...others }: Record<string, unknown> = { ...body };
  if (all !== undefined && all !== true) return '"all" takes true';
  const request: Partial<Record<(typeof lists)[number], readonly string[]>> = {};
  for (const [name, value] of Object.entries(others)) {
    const list = lists.find((known) => known === name);
    if (list === undefined) return `unknown member "${name}"; expected one of ${lists.join(', ')}, all`;
    if (!isTexts(value)) return `"${name}" takes a list of texts: ${form}`;
    request[list] = value;
  }
  const operation = request.operations?.find((text) => !/^[^./]+\.\S+$/.test(text));
  if (operation !== undefined) return `"${operation}" is no operation: write upstream and id, with a dot between them`;
  return { ...request, ...(all === true && { all }) };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string' && text !== '');

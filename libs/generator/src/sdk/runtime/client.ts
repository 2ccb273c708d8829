import { keepResult, keptOf } from './keeping.js';
import { resultOf, waitOf } from './reading.js';
import type { AnyResult, CallOptions, ClientOptions, FailedResult, Input, Kept, Operation, Send } from './types.js';
import { bodyOf, fieldsOf, pathOf, queryOf } from './writing.js';

/** Sends requests. Its promises are never rejected: everything is a result. */
export function sender(settings: ClientOptions): Send {
  const send = async (operation: Operation, input: Input, options: CallOptions = {}): Promise<AnyResult> => {
    const { signal } = options;
    if (signal?.aborted === true) return { kind: 'failed', reason: 'aborted', error: signal.reason };
    const end = Date.now() + (options.deadlineMs ?? settings.deadlineMs ?? 10_000);
    const aborter = new AbortController();
    let reason: FailedResult['reason'] = 'network';
    const stop = (why: 'aborted' | 'deadline') => (): void => {
      reason = why;
      aborter.abort();
    };
    // Raced with all work, so that neither a slow `headers` nor a `fetch` without signals takes longer than the deadline.
    const ended = new Promise<never>((_, reject) => {
      aborter.signal.addEventListener('abort', () => reject(new Error(reason)));
    });
    const abort = stop('aborted');
    const timers = [setTimeout(stop('deadline'), end - Date.now())];
    signal?.addEventListener('abort', abort);
    const { method, path, styles, takesText, deltas } = operation;
    const isRead = /^(GET|HEAD|QUERY)$/.test(method);
    const keep = isRead && takesText !== true ? settings.keep : undefined;
    let key = '';
    let kept: Kept | undefined;
    const attempts = async (): Promise<AnyResult> => {
      const { idempotencyKey } = options;
      const [body, media] = bodyOf(operation, input.body);
      const url = settings.baseUrl + pathOf(path, input.path) + queryOf(styles, input.query);
      if (keep) kept = await keptOf(keep, (key = `${method} ${url} ${JSON.stringify([input.header, input.body])}`));
      const request = {
        method,
        headers: {
          accept: takesText === true ? '*/*' : 'application/json, application/problem+json',
          ...(media !== undefined && { 'content-type': media }),
          ...(keep && deltas === true && { 'frontage-have': kept?.digests ?? '' }),
          ...fieldsOf(input.header),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
          ...(await settings.headers?.()),
          ...options.headers,
        },
        signal: aborter.signal,
        ...(body !== undefined && { body }),
        ...(settings.credentials !== undefined && { credentials: settings.credentials }),
      };
      const mayRepeat = isRead || idempotencyKey !== undefined;
      for (let left = options.attempts ?? settings.attempts ?? 2; ; left--) {
        const response = await (settings.fetch ?? fetch)(url, request);
        const text = await response.text();
        const { status, headers } = response;
        const retryAfterMs = waitOf(headers.get('retry-after'));
        const isBusy = status === 429 || status === 503;
        if (!isBusy || !mayRepeat || left < 2 || retryAfterMs === undefined || Date.now() + retryAfterMs >= end)
          return resultOf({ status, headers }, text, retryAfterMs, operation, kept);
        await new Promise((resolve) => timers.push(setTimeout(resolve, retryAfterMs)));
      }
    };
    let result: AnyResult;
    try {
      result = await Promise.race([ended, attempts()]);
    } catch (error) {
      result = { kind: 'failed', reason, error };
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    return keep ? keepResult(keep, key, kept, result) : result;
  };
  // The types of an operation are those of the document; no check of a response proves them.
  return send as Send;
}

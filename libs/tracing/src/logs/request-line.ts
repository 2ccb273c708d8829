import { describeError, redact } from '@frontage/core';
import { callEnd, type CallFailures, type CallRecord, type RequestEnded } from '@frontage/context';
import { IsoTime } from './iso-time.js';

const MAX_CALLS = 50;
/** Characters of the reason of a failure. */
const MAX_DETAIL_LENGTH = 500;
/** Routes, operations and codes of an app are few; what is beyond, or longer, is rendered anew each time. */
const MAX_QUOTED = 1_000;
const MAX_QUOTED_LENGTH = 200;

/**
 * Renders the log line of a request. Its members are known, so it is written by hand: a general serialiser takes five times as long.
 * One is made per log: what comes again and again is quoted once.
 */
export class RequestLine {
  readonly #app: string;
  readonly #quoted = new Map<string, string>();
  readonly #time = new IsoTime();

  constructor(app: string) {
    this.#app = JSON.stringify(app);
  }

  /** @param callerHash of the caller; `undefined` if the caller is unknown */
  render(level: string, wallTime: number, ended: RequestEnded, callerHash: string | undefined): string {
    const { context, status, code, error } = ended;
    const { calls, failures, missingParts } = context;
    let line =
      `{"level":"${level}","time":"${this.#time.of(wallTime)}","app":${this.#app}` +
      `,"requestId":${JSON.stringify(context.requestId)},"traceId":"${context.traceId}"` +
      `,"method":${this.#quote(context.method)},"route":${this.#quote(context.route)},"status":${status}`;
    if (context.senderTrace !== undefined) line += `,"senderTraceId":"${context.senderTrace.traceId}"`;
    if (code !== undefined) line += `,"code":${this.#quote(code)}`;
    line += `,"durationMs":${tenths(ended.endedAt - context.startedAt)}`;
    if (callerHash !== undefined) line += `,"caller":"${callerHash}"`;
    if (ended.clientGone) line += ',"clientGone":true';
    if (missingParts > 0) line += `,"missingParts":${missingParts}`;
    if (calls.length > 0) line += `,"calls":[${this.#renderCalls(calls, ended.endedAt)}]`;
    if (calls.length > MAX_CALLS) line += `,"moreCalls":${calls.length - MAX_CALLS}`;
    if (failures !== undefined) line += this.#renderFailures(failures);
    if (error !== undefined) line += `,"error":${JSON.stringify(describeError(error))}`;
    return `${line},"msg":"request"}\n`;
  }

  #renderCalls(calls: readonly CallRecord[], now: number): string {
    let text = '';
    for (let i = 0; i < calls.length && i < MAX_CALLS; i++) {
      const call = calls[i];
      if (call === undefined) break;
      const { outcome } = call;
      text +=
        `${i === 0 ? '{' : ',{'}${call.part === '' ? '' : `"part":${this.#quote(call.part)},`}` +
        `"upstream":${this.#quote(call.upstream)},"operation":${this.#quote(call.operation)}` +
        `,"status":${call.status},"ms":${tenths(callEnd(call, now) - call.startedAt)},"attempt":${call.attempt}` +
        (outcome === 'ok' ? '}' : `,"outcome":"${outcome}"}`);
    }
    return text;
  }

  #renderFailures({ list, more }: CallFailures): string {
    const texts = list.map(
      ({ part, upstream, operation, address, reason, status, attempt, count, detail }) =>
        `{${part === '' ? '' : `"part":${this.#quote(part)},`}"upstream":${this.#quote(upstream)}` +
        `,"operation":${this.#quote(operation)}${address === '' ? '' : `,"address":${this.#quote(address)}`}` +
        `,"reason":"${reason}"${status === 0 ? '' : `,"status":${status}`},"attempt":${attempt}` +
        (count === 1 ? '' : `,"count":${count}`) +
        (detail === undefined ? '}' : `,"detail":${JSON.stringify(redact(detail, MAX_DETAIL_LENGTH))}}`),
    );
    return `,"failures":[${texts.join(',')}]${more === 0 ? '' : `,"moreFailures":${more}`}`;
  }

  #quote(text: string): string {
    const known = this.#quoted.get(text);
    if (known !== undefined) return known;
    const quoted = JSON.stringify(redact(text));
    if (this.#quoted.size < MAX_QUOTED && text.length <= MAX_QUOTED_LENGTH) this.#quoted.set(text, quoted);
    return quoted;
  }
}

/** `12.3`: digits of whole numbers, of which the engine keeps the text; that of a fraction is made anew each time. */
function tenths(ms: number): string {
  const count = Math.round(ms * 10);
  if (!(count >= 0)) return JSON.stringify(count / 10);
  const fraction = count % 10;
  const whole = (count - fraction) / 10;
  return fraction === 0 ? `${whole}` : `${whole}.${fraction}`;
}

import { Agent, request as send, type IncomingHttpHeaders } from 'node:http';
import type { ManualClock } from '@frontage/testing/manual-clock';
import type { Case, Expectation, Header, Step } from './definitions.js';
import type { Front } from './front.js';
import { headerValue } from './header-values.js';
import type { Origin, Seen } from './origin.js';

/** `setup`: what the case needs was not there, so that it says nothing. */
export type Verdict = { readonly result: 'passed' } | { readonly result: 'failed' | 'setup'; readonly why: string };

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The number of the request to which the origin gave it; absent for a response that is none of the origin's. */
  readonly from: number | undefined;
}

class Broken extends Error {
  readonly isSetup: boolean;

  constructor(isSetup: boolean, message: string) {
    super(message);
    this.isSetup = isSetup;
  }
}

function expectThat(isSetup: boolean, holds: boolean, message: string): void {
  if (!holds) throw new Broken(isSetup, message);
}

/** Ways of fetch to use a cache, as the header that a browser sends for each. */
const cacheModes: Readonly<Record<string, string>> = {
  'no-cache': 'max-age=0',
  reload: 'no-cache',
  'no-store': 'no-store',
  'only-if-cached': 'only-if-cached',
};

/** Plays one case: the requests of a client over sockets, three seconds on the clock where it pauses, and all that it expects. */
export async function playCase(
  id: string,
  test: Case,
  front: Front,
  origin: Origin,
  clock: ManualClock,
): Promise<Verdict> {
  const seen = origin.play(id, test);
  front.serve(id, test);
  const agent = new Agent({ keepAlive: true });
  const received: Received[] = [];
  try {
    for (const [index, step] of test.requests.entries()) {
      const got = await ask(agent, front.port, id, index, step, received.at(-1), clock);
      received.push(got);
      await front.settled();
      await clock.advance(step.pause_after === true ? 3_000 : 0);
      checkResponse(step, index + 1, got, id);
    }
    checkRequests(test, received, seen);
    return { result: 'passed' };
  } catch (error) {
    if (error instanceof Broken) return { result: error.isSetup ? 'setup' : 'failed', why: error.message };
    throw error;
  } finally {
    agent.destroy();
    await front.end(id);
  }
}

async function ask(
  agent: Agent,
  port: number,
  id: string,
  index: number,
  step: Step,
  previous: Received | undefined,
  clock: ManualClock,
): Promise<Received> {
  const path = `/test/${id}${step.filename === undefined ? '' : `/${step.filename}`}`;
  const base =
    previous === undefined || step.magic_ims !== true ? clock.wallTime() : Number(previous.headers['server-now']);
  const headers = (step.request_headers ?? []).map(
    (header) => [header[0], headerValue(header, step, base, path)] as const,
  );
  const mode = cacheModes[step.cache ?? ''];
  const all = [
    ...headers,
    ...(mode === undefined ? [] : [['Cache-Control', mode] as const]),
    ['Req-Num', String(index + 1)] as const,
  ];
  const target = step.query_arg === undefined ? path : `${path}?${step.query_arg}`;
  return new Promise((resolve, reject) => {
    const sent = send({
      agent,
      port,
      host: '127.0.0.1',
      method: step.request_method ?? 'GET',
      path: target,
      setDefaultHeaders: false,
    });
    sent.setHeader('Host', 'front');
    for (const [name, value] of all) sent.appendHeader(name, value);
    sent.on('error', reject);
    sent.on('response', (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then((parts: unknown[]) => {
          const { statusCode: status = 0, headers } = response;
          const from = Number(headers['server-request-count']);
          resolve({ status, headers, body: parts.join(''), from: Number.isNaN(from) ? undefined : from });
        }, reject);
    });
    if (step.request_body !== undefined) sent.setHeader('Content-Length', Buffer.byteLength(step.request_body));
    sent.end(step.request_body);
  });
}

const isSetup = (step: Step, check: string): boolean =>
  step.setup === true || step.setup_tests?.includes(check) === true;

function checkResponse(step: Step, number: number, got: Received, id: string): void {
  const typeSetup = isSetup(step, 'expected_type');
  if (step.expected_type === 'cached') {
    const isCached = got.from === undefined ? got.status === 304 : got.from < number;
    expectThat(typeSetup, isCached, `response ${number} does not come from the cache`);
  }
  if (step.expected_type === 'not_cached') {
    // The origin gave no response: then the front tells of that.
    const isAnew = got.from === undefined ? got.status >= 300 : got.from === number;
    expectThat(typeSetup, isAnew, `response ${number} comes from the cache`);
  }
  checkStatus(step, number, got);
  const headersSetup = isSetup(step, 'expected_response_headers');
  for (const expected of step.expected_response_headers ?? []) checkHeader(expected, step, number, got, headersSetup);
  for (const missing of step.expected_response_headers_missing ?? []) {
    const [name, part] = typeof missing === 'string' ? [missing] : missing;
    const value = textOf(got.headers, name);
    const isThere = value !== undefined && (part === undefined || value.includes(String(part)));
    expectThat(
      isSetup(step, 'expected_response_headers_missing'),
      !isThere,
      `response ${number} has ${name}: ${value}`,
    );
  }
  checkBody(step, number, got, id);
}

function checkStatus(step: Step, number: number, { status }: Received): void {
  const said = `response ${number} has status ${status}`;
  if (step.expected_status !== undefined) {
    if (step.expected_status !== null)
      expectThat(isSetup(step, 'expected_status'), status === step.expected_status, said);
  } else if (step.response_status !== undefined) expectThat(true, status === step.response_status[0], said);
  else if (status === 999) expectThat(isSetup(step, 'expected_type'), false, `request ${number} has no condition`);
  else if (step.disconnect !== true || step.expected_type === 'cached') expectThat(true, status === 200, said);
}

function checkHeader(expected: Expectation, step: Step, number: number, got: Received, isSetup: boolean): void {
  const name = typeof expected === 'string' ? expected : expected[0];
  const value = textOf(got.headers, name);
  expectThat(isSetup, value !== undefined, `response ${number} has no ${name}`);
  if (typeof expected === 'string' || value === undefined) return;
  const said = `response ${number} has ${name}: ${value}`;
  if (expected.length === 3 && typeof expected[2] !== 'boolean') {
    const [, operator, operand] = expected;
    const holds = operator === '=' ? value === textOf(got.headers, String(operand)) : Number(value) > Number(operand);
    expectThat(isSetup, holds, said);
    return;
  }
  // Dates are counted from the time at which the origin gave the response.
  expectThat(isSetup, value === headerValue(expected as Header, step, Number(got.headers['server-now']), ''), said);
}

const withoutContent: ReadonlySet<number> = new Set([204, 304]);

function checkBody(step: Step, number: number, { status, body }: Received, id: string): void {
  if (step.check_body === false || step.disconnect === true) return;
  const said = `the body of response ${number} is "${body.slice(0, 80)}"`;
  if (step.expected_response_text !== undefined) {
    if (step.expected_response_text === null) return;
    expectThat(isSetup(step, 'expected_response_text'), body === step.expected_response_text, said);
  } else if (typeof step.response_body === 'string') expectThat(true, body === step.response_body, said);
  else if (!withoutContent.has(status) && step.request_method !== 'HEAD') expectThat(true, body === id, said);
}

function checkRequests({ requests }: Case, received: readonly Received[], seen: readonly Seen[]): void {
  for (const [index, step] of requests.entries()) {
    if (step.expected_type === 'cached') continue;
    const number = index + 1;
    const typeSetup = isSetup(step, 'expected_type');
    const arrived = seen.findLast((one) => one.number === number);
    if (step.expected_type === 'not_cached')
      expectThat(typeSetup, arrived !== undefined, `response ${number} comes from the cache`);
    const condition = { etag_validated: 'if-none-match', lm_validated: 'if-modified-since', not_cached: undefined }[
      step.expected_type ?? 'not_cached'
    ];
    if (condition !== undefined)
      expectThat(typeSetup, arrived?.headers[condition] !== undefined, `request ${number} has no ${condition}`);
    const headersSetup = isSetup(step, 'expected_request_headers');
    for (const expected of step.expected_request_headers ?? []) {
      const [name, value] = typeof expected === 'string' ? [expected] : expected;
      const got = arrived?.headers[name.toLowerCase()];
      expectThat(
        headersSetup,
        got !== undefined && (value === undefined || got === value),
        `request ${number} has ${name}: ${String(got)}`,
      );
    }
    for (const expected of step.expected_request_headers_missing ?? []) {
      const [name, value] = typeof expected === 'string' ? [expected] : expected;
      const got = arrived?.headers[name.toLowerCase()];
      expectThat(
        headersSetup,
        got === undefined || (value !== undefined && got !== value),
        `request ${number} has ${name}: ${String(got)}`,
      );
    }
    if (step.expected_method !== undefined)
      expectThat(
        isSetup(step, 'expected_method'),
        arrived?.method === step.expected_method,
        `request ${number} has method ${String(arrived?.method)}`,
      );
    checkHandedOn(number, received[index], arrived);
  }
}

/** All headers of the origin reach the client, but those of a failure, of which an operation client hands on none. */
function checkHandedOn(number: number, got: Received | undefined, arrived: Seen | undefined): void {
  if (got === undefined || arrived === undefined || got.from === undefined) return;
  for (const name of arrived.checked) {
    const value = textOf(got.headers, name);
    expectThat(true, value === arrived.sent.get(name), `response ${number} has ${name}: ${value}`);
  }
}

function textOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

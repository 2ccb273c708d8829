import { Agent, request as send, type IncomingMessage } from 'node:http';

export interface OpenLoopOptions {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  /** A response counts as good within this time, in ms. */
  readonly deadlineMs: number;
}

export interface OpenLoopResult {
  readonly requests: number;
  /** Below 400, within the deadline. */
  readonly good: number;
  /** Good ones that lack parts. */
  readonly partial: number;
  /** By status; 0 for no response. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Times of all requests from the moment at which each was due, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** 99 of 100 requests were sent within this time after they were due: the lateness of the generator itself, in ms. */
  readonly sentLateMs: number;
  /** Share of a core that the generator used. */
  readonly cpu: number;
}

/** A request without a response by then has failed, in ms. */
const giveUpMs = 10_000;
const maxSockets = 1_000;

/**
 * Sends requests at a constant rate, however slow the responses are. Each time counts from the moment at which the request was due, so that a
 * server that stalls is charged for every request that it kept waiting (coordinated omission).
 */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { rate, seconds, deadlineMs } = options;
  const agent = new Agent({ keepAlive: true, maxSockets });
  const total = Math.max(1, Math.round(rate * seconds));
  const times: number[] = [];
  const lateness: number[] = [];
  const statuses = new Map<number, number>();
  let [good, partial] = [0, 0];
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  const one = async (dueAt: number): Promise<void> => {
    const { status, isPartial } = await ask(options, agent);
    const took = performance.now() - dueAt;
    times.push(took);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status < 200 || status >= 400 || took > deadlineMs) return;
    good++;
    if (isPartial) partial++;
  };
  const running: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    let sent = 0;
    const tick = (): void => {
      const now = performance.now();
      const due = Math.min(total, Math.floor(((now - begun) / 1000) * rate) + 1);
      for (; sent < due; sent++) {
        const dueAt = begun + (sent / rate) * 1000;
        lateness.push(now - dueAt);
        running.push(one(dueAt));
      }
      if (sent === total) return resolve();
      // Timers have steps of a millisecond: between them several requests may fall due.
      setTimeout(tick, Math.max(1, begun + (sent / rate) * 1000 - performance.now()));
    };
    tick();
  });
  const elapsed = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpuBefore);
  await Promise.all(running);
  agent.destroy();
  return {
    requests: total,
    good,
    partial,
    statuses: Object.fromEntries(statuses),
    p50Ms: rankOf(times, 0.5),
    p99Ms: rankOf(times, 0.99),
    sentLateMs: rankOf(lateness, 0.99),
    cpu: (user + system) / 1000 / Math.max(1, elapsed),
  };
}

function ask(
  { url, method, headers, body }: OpenLoopOptions,
  agent: Agent,
): Promise<{ readonly status: number; readonly isPartial: boolean }> {
  return new Promise((resolve) => {
    const fail = (): void => resolve({ status: 0, isPartial: false });
    const request = send(url, { method, headers, agent, timeout: giveUpMs }, (response: IncomingMessage) => {
      let isPartial = response.headers['frontage-parts'] !== undefined;
      response.on('data', (bytes: Buffer) => (isPartial ||= bytes.includes('"_parts":')));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, isPartial }));
      response.on('error', fail);
    });
    request.on('timeout', () => request.destroy(new Error('no response')));
    request.on('error', fail);
    request.end(body);
  });
}

/** The value below which this share of the values lies. */
function rankOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

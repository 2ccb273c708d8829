import type { LoadStep } from './load-step.js';

export interface Saturation {
  /** `app` and the like are findings about the BFF; `setting` means that the test itself was the bound. */
  readonly of: 'app' | 'upstream' | 'setting' | 'nothing';
  readonly text: string;
}

/** A core that is busy for so large a share of the time has nothing left for a burst. */
const busy = 0.85;
/** Later than this, the generator did not send at the rate that it was to send at, in ms. */
const lateMs = 50;

/**
 * The bound that was reached first, by the step that was not borne and the one without load. What was refused says it for certain; after
 * that come the cores, and the services last.
 */
export function saturationOf(broke: LoadStep | undefined, base: LoadStep, cores: number): Saturation {
  if (broke === undefined) return { of: 'nothing', text: 'nothing: the search ended before a bound was reached' };
  const { result, app } = broke;
  if (result.cpu >= busy && app.cpu < busy)
    return {
      of: 'setting',
      text: `the load generator itself: it used ${percent(result.cpu)} of a core; the BFF bears more than this`,
    };
  if (app.rateLimited > 0)
    return { of: 'app', text: `a rate limit: ${app.rateLimited} requests were refused with 429` };
  const [upstream, calls] = [...app.shedCalls].toSorted(([, one], [, other]) => other - one)[0] ?? ['', 0];
  if (calls > 0)
    return { of: 'app', text: `\`concurrency\` of ${upstream}: ${calls} calls were not sent because too many waited` };
  if (app.cpu >= busy)
    return {
      of: 'app',
      text: `the CPU of the BFF: its process used ${percent(app.cpu)} of a core, and its event loop was up to ${Math.round(app.loopDelayMs)} ms late`,
    };
  if (app.shedRequests > 0)
    return {
      of: 'app',
      text: `admission: ${app.shedRequests} requests were refused with 503, before the CPU was used up`,
    };
  if (broke.machine >= 0.95)
    return {
      of: 'setting',
      text: `this machine: its ${cores} cores were ${percent(broke.machine)} busy, ${percent(app.cpu)} of one by the BFF and the rest by the sandbox, the load generator and others`,
    };
  if (result.sentLateMs > lateMs)
    return { of: 'setting', text: `the load generator: it sent up to ${Math.round(result.sentLateMs)} ms late` };
  const slower = [...app.operations].map(([name, one]) => {
    const before = base.app.operations.get(name)?.p99Ms ?? 0;
    return { name, before, after: one.p99Ms, factor: one.p99Ms / Math.max(1, before) };
  });
  const worst = slower.toSorted((one, other) => other.factor - one.factor)[0];
  if (worst !== undefined && worst.factor >= 2)
    return {
      of: 'upstream',
      text: `${worst.name}: 99 of 100 calls took up to ${Math.round(worst.after)} ms, and ${Math.round(worst.before)} ms without load`,
    };
  return { of: 'nothing', text: 'nothing that the metrics show: look at the faults and the deadline' };
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;

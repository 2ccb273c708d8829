import { Session, type Profiler } from 'node:inspector';
import type { Costs } from '../load/probe.js';

let session: Session | undefined;

/** Samples every 100 us from now on. */
export function startProfile(): void {
  session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 100 });
  session.post('Profiler.start');
}

/** The time since then by function: added up here, since a whole profile would take long to send. */
export function endProfile(): Costs {
  let costs: Costs = { busyUs: 0, functions: [] };
  session?.post('Profiler.stop', (error, { profile }) => {
    if (error === null) costs = costsIn(profile);
  });
  session?.disconnect();
  session = undefined;
  return costs;
}

function costsIn({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Costs {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const costs = new Map<string, number>();
  let busyUs = 0;
  for (const [i, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    const us = timeDeltas[i] ?? 0;
    // The profiler's own start and end belong to no function.
    if (name.startsWith('(idle)') || name.startsWith('post node:inspector')) continue;
    busyUs += us;
    costs.set(name, (costs.get(name) ?? 0) + us);
  }
  const functions = [...costs].map(([name, selfUs]) => ({ name, selfUs })).toSorted((a, b) => b.selfUs - a.selfUs);
  return { busyUs, functions: functions.slice(0, 100) };
}

/** `writev libs/x/dist/y.js`; functions built into Node have no file. */
function nameOf({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): string {
  const file = url
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/(libs|test)\//, '$1/')
    .replace(/^node:/, 'node:');
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}`}`;
}

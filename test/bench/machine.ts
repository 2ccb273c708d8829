import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly kernel: string;
  /** Of the last minute, before anything was started. */
  readonly load: number;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  kernel: release(),
  load: loadavg()[0] ?? 0,
});

export function machineText({ cpu, cores, memoryGiB, node, kernel, load }: Machine): string {
  const busy = load > 0.3 ? ' The machine is not idle: believe ratios only, and those with care.' : '';
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, load ${load.toFixed(2)}.${busy}\n`;
}

/** The tools that must be installed first; undefined where all are installed. */
export function obstacle(): string | undefined {
  const absent = ['nginx', 'wrk', 'taskset'].filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (absent.length > 0) return `the benchmark needs ${absent.join(' and ')}: apt-get install nginx wrk util-linux`;
  return availableParallelism() < 2
    ? 'the benchmark needs two cores: one for the server, one for load and upstreams'
    : undefined;
}

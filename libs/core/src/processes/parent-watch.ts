import { readFileSync } from 'node:fs';

const everyMs = 250;

/**
 * Calls back once the process that started this one has ended, however it ended. npm and npx start a shell in between, which ends on its
 * own or outlives them: behind those, the parent of the parent is watched too. A process that was started by init is not called back.
 */
export function whenParentEnds(ended: () => void): void {
  const parent = process.ppid;
  // 1 has no end that this process would see, 0 is outside the container.
  if (parent <= 1) return;
  const npm = process.env['npm_command'] === undefined ? undefined : parentOf(parent);
  const timer = setInterval(() => {
    const isAlone = process.ppid !== parent || (npm !== undefined && npm > 1 && parentOf(parent) !== npm);
    if (!isAlone) return;
    clearInterval(timer);
    ended();
  }, everyMs);
  timer.unref();
}

/** `undefined` where the system does not say it (it does on Linux: proc_pid_stat(5), field 4). */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

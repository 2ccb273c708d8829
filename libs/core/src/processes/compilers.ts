import { setFlagsFromString } from 'node:v8';

const compilers = ['sparkplug', 'maglev', 'opt'] as const;

/** Flags of Node or V8 by which a person has chosen the compilers. */
const chosen = /--(?:jitless|lite-mode|max-opt|(?:no-?)?(?:always-)?(?:sparkplug|maglev|opt|turbofan)\b)/;

let isPaused = false;

/**
 * Leaves compiling to later, for the start of an app: nearly all of its functions run a few times only, and what V8 compiles of them is not used again.
 * On one core the compilers took 40 of the 110 ms that an app needs beyond the import of its packages. The interpreter runs everything meanwhile, and
 * code that is compiled already stays. Flags of a person stay as they are.
 * @param given flags that were given to Node
 */
export function pauseCompilers(given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? '']): void {
  if (isPaused || given.some((text) => chosen.test(text.replaceAll('_', '-')))) return;
  isPaused = true;
  for (const name of compilers) setFlagsFromString(`--no-${name}`);
}

/** Ends {@link pauseCompilers}. What has run often is compiled at one of its next calls. */
export function resumeCompilers(): void {
  if (!isPaused) return;
  isPaused = false;
  for (const name of compilers) setFlagsFromString(`--${name}`);
}

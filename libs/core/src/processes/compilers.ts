import { setFlagsFromString } from 'node:v8';

const compilers = ['sparkplug', 'maglev', 'opt'] as const;

/** Flags of Node or V8 by which a person has chosen the compilers. */
const chosen = /--(?:jitless|lite-mode|max-opt|(?:no-?)?(?:always-)?(?:sparkplug|maglev|opt|turbofan)\b)/;

/**
 * Runs a piece of work that comes once, without compiling any of it: nearly all of its functions run a few times only, and what V8 compiles of them is not
 * used again. On one core, the compilers took 30 of the 105 ms that a packed app needs beyond the import of Nest and Fastify. Code that is compiled
 * already stays in use. Flags of a person stay as they are.
 *
 * For our own work alone, and for short work: a long loop takes many times as long in the interpreter.
 * @param given flags that were given to Node
 */
export function uncompiled<T>(work: () => T, given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? '']): T {
  if (given.some((text) => chosen.test(text.replaceAll('_', '-')))) return work();
  for (const name of compilers) setFlagsFromString(`--no-${name}`);
  try {
    return work();
  } finally {
    for (const name of compilers) setFlagsFromString(`--${name}`);
  }
}

export type { AppDescription } from './plan/app-description.js';
export { planOutput } from './commands/plan.command.js';
export { runProgram } from './program.js';
export type { Terminal } from './terminal/command-context.js';

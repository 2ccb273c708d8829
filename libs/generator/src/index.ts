export type { AppDescription } from './plan/app-description.js';
export { planOutput } from './commands/plan.command.js';
export { runProgram } from './program.js';
export type { CommandContext } from './terminal/command-context.js';

export type { AppDescription } from './plan/app-description.js';
export { planOutput } from './commands/plan.command.js';
export { runProgram, type CommandContext } from './program.js';

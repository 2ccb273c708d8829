export type { AppDescription } from './app-description.js';
export { planOutput } from './plan.command.js';
export { runProgram, type CommandContext } from './program.js';

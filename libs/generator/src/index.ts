export { runProgram, type CommandContext } from './program.js';

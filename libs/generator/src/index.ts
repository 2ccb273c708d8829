export { runProgram, type CommandContext } from './program.js';
export { upstreamFiles, type UpstreamFiles } from './upstream-files.js';

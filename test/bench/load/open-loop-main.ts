// The open loop as a process, so that it has a core of its own: options as JSON in, result as JSON out.
import { openLoop, type OpenLoop } from './open-loop.js';

const options = JSON.parse(process.argv[2] ?? '') as OpenLoop;
process.stdout.write(JSON.stringify(await openLoop(options)));

import { openLoop, type OpenLoopOptions } from './open-loop.js';

// A process of its own, so that its work delays nothing that is measured: options as JSON in, the result as JSON out.
const options = JSON.parse(process.argv[2] ?? '{}') as OpenLoopOptions;
process.send?.(await openLoop(options));
process.disconnect();

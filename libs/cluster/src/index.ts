export { sharedHashKey, workerLink, type WorkerLink } from './worker-link.js';
export type { DrainTimes } from './worker-messages.js';

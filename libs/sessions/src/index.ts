export { Sessions } from './sessions.js';
export type { KeySource, SessionProviderOptions, SessionsOptions } from './options/sessions.options.js';
export type { BrowserResponse } from './browser/browser-response.js';
export { fixedKeys, keysInFile } from './records/live-keys.js';
export { MemorySessions } from './stores/memory-sessions.js';
export { SharedSessions } from './stores/shared-sessions.js';
export type { SessionStore } from './stores/session-store.js';

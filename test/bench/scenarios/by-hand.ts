/** The parsed response of an upstream, for a screen written by hand; the caller names its type. */
export type Get = <T>(path: string) => Promise<T>;

/** A screen as a good engineer writes it without us. */
export type ByHand = (get: Get) => Promise<object>;

/** The same screens as in `screens.ts`, by hand; a server loads the one that it serves. */
export const byHand: Readonly<Record<string, () => Promise<ByHand>>> = {
  'home-5': async () => (await import('./home-5/by-hand.js')).home,
  'calls-1': async () => (await import('./calls/by-hand.js')).tiles(1),
  'calls-10': async () => (await import('./calls/by-hand.js')).tiles(10),
  'calls-50': async () => (await import('./calls/by-hand.js')).tiles(50),
  'two-waves': async () => (await import('./two-waves/by-hand.js')).twoWaves,
  'each-20': async () => (await import('./each-20/by-hand.js')).each20,
  'join-300': async () => (await import('./join-300/by-hand.js')).join300,
  'bytes-100k': async () => (await import('./bytes-100k/by-hand.js')).bytes100k,
};

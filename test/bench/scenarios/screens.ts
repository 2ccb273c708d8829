import type { Screen } from '@frontage/aggregation';

/** The screen of each scenario; a server loads the one that it serves. */
export const screens: Readonly<Record<string, () => Promise<Screen<unknown>>>> = {
  'home-5': async () => (await import('./home-5/screen.js')).homeScreen,
  'calls-1': async () => (await import('./calls/screen.js')).tilesScreen(1),
  'calls-10': async () => (await import('./calls/screen.js')).tilesScreen(10),
  'calls-50': async () => (await import('./calls/screen.js')).tilesScreen(50),
  'two-waves': async () => (await import('./two-waves/screen.js')).twoWavesScreen,
  'each-20': async () => (await import('./each-20/screen.js')).each20Screen,
  'join-300': async () => (await import('./join-300/screen.js')).join300Screen,
  'bytes-100k': async () => (await import('./bytes-100k/screen.js')).bytes100kScreen,
};

import type { ProductionPackages } from './production-packages.js';

export interface BundleOptions {
  /** Real path of the workspace. */
  readonly root: string;
  /** Real path of the app. */
  readonly app: string;
  readonly packages: ProductionPackages;
  /** Names of packages that stay outside of the bundle, besides those with machine code. */
  readonly outside: ReadonlySet<string>;
  /** Places in the packed folder of files that are there anyway, by real path. */
  readonly placed: ReadonlyMap<string, string>;
}

/** The folder of the code in the packed folder: chunks and files stand beside each other, so that every chunk finds every file. */
export const codeFolder = 'app';

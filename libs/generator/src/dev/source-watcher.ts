import { watch } from 'chokidar';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { basename } from 'node:path';

/**
 * Watches the sources below some folders, new folders included, whether an editor saves a file in place or puts a new file in its place.
 * @param onSave gets the path of a file that was saved, made or deleted; more than once for some saves
 * @returns once each later save is seen; the function ends the watch
 * @throws the error of the system, such as ENOSPC where it allows no more watches
 */
export async function watchSources(
  folders: readonly string[],
  onSave: (file: string) => void,
): Promise<() => Promise<void>> {
  const watcher = watch([...folders], {
    ignored: (path, stats) => !folders.includes(path) && (isRecorded(path) || isIgnored(basename(path), stats)),
    ignoreInitial: true,
    followSymlinks: false,
  });
  for (const event of ['add', 'change', 'unlink'] as const) watcher.on(event, onSave);
  try {
    await once(watcher, 'ready');
  } catch (cause) {
    await watcher.close();
    throw cause;
  }
  // One folder that cannot be watched does not end the watch of the others.
  watcher.on('error', () => undefined);
  return () => watcher.close();
}

/** Responses that a running app has received are no sources of it. */
const isRecorded = (path: string): boolean => /[/\\]test[/\\]recorded$/.test(path);

/** @param stats absent where chokidar does not know yet whether it is a file or a folder */
function isIgnored(name: string, stats: Stats | undefined): boolean {
  if (name === 'dist' || name === 'node_modules' || name.startsWith('.')) return true;
  return stats !== undefined && !stats.isDirectory() && !isSource(name);
}

/** Tests are no sources, and neither are incidents, which a running app keeps, and the data of their tests. */
const isSource = (name: string): boolean =>
  /\.(?:ts|yaml|yml|json)$/.test(name) && !/\.(?:e2e-)?spec\.ts$|\.incident(?:-\w+)?\.json$/.test(name);

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Places of the file that says who reviews changes, in the order in which hosts of repositories look for it. */
const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** The path of that file from the root; the usual one where there is none yet. */
export const codeOwnersPlace = (root: string): string | undefined => places.find((one) => existsSync(join(root, one)));

/** The team of an app, as CODEOWNERS names it: of the lines that fit its folder, the last one counts. */
export function ownerOfApp(root: string, app: string): string | undefined {
  const place = codeOwnersPlace(root);
  if (place === undefined) return undefined;
  const lines = readFileSync(join(root, place), 'utf8').split('\n').map((line) => line.replace(/(^|\s)#.*/, '').trim().split(/\s+/)); // prettier-ignore
  const owners = lines.findLast(([pattern = '']) => fits(pattern, app))?.slice(1) ?? [];
  return owners.length === 0 ? undefined : owners.join(' ');
}

/** True if a pattern without wildcards inside names the folder of the app or one around it. */
function fits(pattern: string, app: string): boolean {
  const bare = pattern.replace(/^\//, '').replace(/\/?(?:\*\*?)?$/, '');
  return pattern === '*' || pattern === '**' || bare === `apps/${app}` || (bare === 'apps' && !pattern.endsWith('/*'));
}

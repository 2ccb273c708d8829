import { readFile } from 'node:fs/promises';

interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

const types: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'index.html': 'text/html; charset=utf-8',
    'page.js': 'text/javascript; charset=utf-8',
    'page.css': 'text/css; charset=utf-8',
  }),
);

/** The built page stands in `dist`, also where this code runs from its sources. */
const folder = new URL('../../dist/page/', import.meta.url);

/** Scripts and styles of this origin alone: nothing inline, nothing from elsewhere. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A file of the page: `/` or `/developer/page.js`; `undefined` for every other path. */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  const name = path === '/' ? 'index.html' : path.replace(/^\/developer\//, '');
  const contentType = types.get(name);
  if (contentType === undefined) return undefined;
  try {
    return { contentType, body: await readFile(new URL(name, folder)) };
  } catch {
    return {
      contentType: 'text/plain; charset=utf-8',
      body: Buffer.from('The page is not built: run `npm run build`\n'),
    };
  }
}

import type { FileContent } from '../workspace/write-files.js';

/**
 * The files of a template in a workspace that has the libs of Frontage as packages: TypeScript refers to the contracts alone, the packages
 * of Frontage get a range, and the schema of `bff.yaml` comes from its package.
 * @param files content by path
 * @param range of the packages, such as `^0.1.0`
 */
export function withPackages(files: ReadonlyMap<string, FileContent>, range: string): Map<string, FileContent> {
  return new Map([...files].map(([path, content]) => [path, withPackagesIn(path, content, range)]));
}

function withPackagesIn(path: string, content: FileContent, range: string): FileContent {
  if (typeof content !== 'string') return content;
  if (/(?:^|\/)tsconfig\.json$/.test(path)) return withOwnReferences(content);
  if (/(?:^|\/)package\.json$/.test(path))
    return content.replaceAll(/("@frontage\/(?!upstreams")[^"]+": )"\*"/g, (_, name: string) => `${name}"${range}"`);
  return content.replaceAll('libs/config/bff.schema.json', 'node_modules/@frontage/config/bff.schema.json');
}

/** References to libs go, except the one to the contracts. */
function withOwnReferences(text: string): string {
  return text.replace(/"references": \[[^\]]*\]/, (references) => {
    const paths = [...references.matchAll(/"path": "([^"]+)"/g)].flatMap(([, path]) =>
      path === undefined ? [] : [path],
    );
    const own = paths
      .filter((path) => !/\/libs\/(?!upstreams$)/.test(path))
      .map((path) => `{ "path": "${path.replace('/libs/upstreams', '/upstreams')}" }`);
    return `"references": [${own.join(', ')}]`;
  });
}

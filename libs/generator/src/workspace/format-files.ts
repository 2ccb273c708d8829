import { format, getFileInfo, resolveConfig } from 'prettier';
import type { FileContent } from './write-files.js';

/**
 * Formats files as `npm run format` does: a long name may have made a line too long. Bytes, and files that the formatter does not know
 * (a Dockerfile, an .env.example) or cannot read, stay as they are.
 */
export async function formatFiles(files: ReadonlyMap<string, FileContent>): Promise<Map<string, FileContent>> {
  const formatted = await Promise.all(
    [...files].map(async ([path, content]): Promise<readonly [string, FileContent]> => {
      const { data, ...rest } = typeof content === 'string' ? { data: content } : content;
      if (typeof data !== 'string') return [path, content];
      const text = await formatText(path, data);
      return [path, 'isExecutable' in rest ? { data: text, ...rest } : text];
    }),
  );
  return new Map(formatted);
}

/** One text, as `formatFiles` formats it. */
export async function formatText(path: string, text: string): Promise<string> {
  const { inferredParser } = await getFileInfo(path, { resolveConfig: false });
  if (inferredParser === null) return text;
  const options = await resolveConfig(path);
  // A file that cannot be parsed may be correct: YAML that another tool fills in.
  return format(text, { ...options, filepath: path }).catch(() => text);
}

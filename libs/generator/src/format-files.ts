import { format, resolveConfig } from 'prettier';

/** Files as `npm run format` would leave them: a long name may have made a line too long. */
export async function formatFiles(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const formatted = await Promise.all(
    [...files].map(async ([path, text]) => {
      const options = await resolveConfig(path);
      return [path, await format(text, { ...options, filepath: path })] as const;
    }),
  );
  return new Map(formatted);
}

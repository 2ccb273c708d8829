import { readFileSync } from 'node:fs';
import { PolicyFiles, type BffConfig } from '@frontage/config';

/** A secret for a security scheme. */
interface SchemeSecret {
  readonly value: string;
  readonly user: string | undefined;
}

/**
 * The secrets of one upstream for the security schemes of its contract, those in files read.
 * @throws ConfigError at the key of a file that cannot be read, or holds no secret; no message holds one
 */
export function schemeSecrets(config: BffConfig, upstream: string): Readonly<Record<string, SchemeSecret>> {
  const given = Object.entries(config.upstreams[upstream]?.security ?? {});
  return Object.fromEntries(
    given.map(([scheme, entry]) => {
      const read = readSecret(entry);
      if ('value' in read) return [scheme, { value: read.value, user: entry.user }];
      const path = ['upstreams', upstream, 'security', scheme, 'file'];
      throw new PolicyFiles(config).error([{ path, want: 'value', message: read.problem }]);
    }),
  );
}

type SecretConfig = BffConfig['upstreams'][string]['security'][string];

function readSecret({ value, file = '' }: SecretConfig): { readonly value: string } | { readonly problem: string } {
  if (value !== undefined) return { value };
  try {
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
      ? { value: text }
      : { problem: `the file ${file} does not hold one line of visible ASCII text` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no file';
    return { problem: `the file ${file} cannot be read (${code})` };
  }
}

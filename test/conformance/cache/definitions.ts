import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The form of the definitions of the public tests for HTTP caches (`http-cache-tests` on npm), as far as this driver acts them out. */
export interface Suite {
  readonly name: string;
  readonly id: string;
  readonly tests: readonly Case[];
}

/** `required`: the RFC says so. `optimal`: a good cache does so. `check`: only found out. */
export type Kind = 'required' | 'optimal' | 'check';

export interface Case {
  readonly name: string;
  readonly id: string;
  /** @default 'required' */
  readonly kind?: Kind;
  readonly requests: readonly Step[];
  /** For private caches alone. */
  readonly browser_only?: boolean;
  /** For shared caches alone. */
  readonly browser_skip?: boolean;
  /** For caches that read `CDN-Cache-Control`. */
  readonly cdn_only?: boolean;
  /** Says nothing unless these pass. */
  readonly depends_on?: readonly string[];
}

/** Name and value; a number is a date, in seconds from now. `false` as the third: the client does not look for it. */
export type Header = readonly [name: string, value: string | number, checked?: boolean];

/** Also: two fields are equal (`=`), a field is greater than a number (`>`). */
export type Expectation = string | Header | readonly [name: string, operator: '=' | '>', operand: string | number];

/** One request, the response of the origin to it, and what the client sees. */
export interface Step {
  readonly request_method?: string;
  readonly request_headers?: readonly Header[];
  readonly request_body?: string;
  readonly query_arg?: string;
  readonly filename?: string;
  readonly cache?: string;
  readonly magic_ims?: boolean;
  readonly magic_locations?: boolean;
  readonly rfc850date?: readonly string[];
  /** Three seconds pass afterwards. */
  readonly pause_after?: boolean;
  /** The origin closes the connection in place of a response. */
  readonly disconnect?: boolean;
  readonly response_status?: readonly [status: number, phrase?: string];
  readonly response_headers?: readonly Header[];
  readonly response_body?: string | null;
  readonly check_body?: boolean;
  readonly expected_type?: 'cached' | 'not_cached' | 'lm_validated' | 'etag_validated';
  readonly expected_method?: string;
  readonly expected_status?: number | null;
  readonly expected_request_headers?: readonly (string | Header)[];
  readonly expected_request_headers_missing?: readonly (string | Header)[];
  readonly expected_response_headers?: readonly Expectation[];
  readonly expected_response_headers_missing?: readonly (string | Header)[];
  readonly expected_response_text?: string | null;
  /** A failure here says nothing about the case. */
  readonly setup?: boolean;
  readonly setup_tests?: readonly string[];
}

const known: ReadonlySet<string> = new Set(
  (
    'request_method request_headers request_body query_arg filename cache magic_ims magic_locations rfc850date pause_after disconnect ' +
    'response_status response_headers response_body check_body expected_type expected_method expected_status expected_request_headers ' +
    'expected_request_headers_missing expected_response_headers expected_response_headers_missing expected_response_text setup setup_tests ' +
    // Of browsers alone, and without a meaning for this client, which follows no redirect and sends no cookie of its own.
    'mode credentials redirect'
  ).split(' '),
);

/** A member of a case that this driver does not know; then the case says nothing. */
export const unknownMember = ({ requests }: Case): string | undefined =>
  requests.flatMap((step) => Object.keys(step)).find((name) => !known.has(name));

/**
 * Reads suites: a folder of JSON files with a suite or a list of suites each, one such file, or a module whose default export they are.
 * @throws Error for a path at which there is nothing of this kind
 */
export async function readSuites(path: string): Promise<readonly Suite[]> {
  const at = resolve(path);
  if ((await stat(at)).isDirectory()) {
    const files = (await readdir(at)).filter((name) => name.endsWith('.json')).toSorted();
    const suites = await Promise.all(files.map((name) => readSuites(join(at, name))));
    if (files.length === 0) throw new Error(`${path}: no JSON file in this folder`);
    return suites.flat();
  }
  const read: unknown = at.endsWith('.json')
    ? JSON.parse(await readFile(at, 'utf8'))
    : await import(pathToFileURL(at).href).then((module: { default?: unknown }) => module.default);
  const suites: readonly unknown[] = Array.isArray(read) ? read : [read];
  return suites.map((suite) => {
    if (isSuite(suite)) return suite;
    throw new Error(`${path}: no suite of tests for HTTP caches`);
  });
}

const isSuite = (value: unknown): value is Suite =>
  typeof value === 'object' && value !== null && 'tests' in value && Array.isArray(value.tests);

import type { BffConfig } from '@frontage/config';
import { isLoopback } from '@frontage/core';

/** The page for developers of one app. */
export interface PageTerms {
  /** The sandbox that plays upstreams of the app: its faults and calls are on the page. @default none */
  readonly sandboxUrl?: string | undefined;
}

/** `frontage start` and `frontage dev` set it to the address of the sandbox. */
const variable = 'FRONTAGE_DEVELOPER_PAGE';

/**
 * The page that the admin port has: where `frontage start`, `frontage dev` or a test has said so, the environment is for development, and
 * the port is reached from this machine alone. Everywhere else there is nothing of it: it is not even loaded.
 */
export function pageTerms(
  { environment, listen }: Pick<BffConfig, 'environment' | 'listen'>,
  asked: PageTerms | false = askedBy(process.env[variable]),
): PageTerms | undefined {
  if (asked === false || process.env['NODE_ENV'] === 'production') return undefined;
  const isForDevelopment = environment === 'development' || environment === 'test';
  return isForDevelopment && isLoopback(listen.adminHost) ? asked : undefined;
}

const askedBy = (address: string | undefined): PageTerms | false =>
  address === undefined || !URL.canParse(address) ? false : { sandboxUrl: address };

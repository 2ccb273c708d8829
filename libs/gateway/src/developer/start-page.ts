import type { AdminArea } from '@frontage/admin';
import type { GatewayRuntime } from '../runtime/runtime.js';
import type { PageTerms } from './page-terms.js';
import { developerSource } from './developer-source.js';

export interface StartedPage {
  readonly area: AdminArea;
  close(): void;
}

/**
 * Loads the page for developers and lets it see each request of the app. The package is an optional one, which an installation for production
 * does not have.
 * @param url gives the address of the app, once it listens
 * @returns undefined where the package is not installed
 */
export async function startPage(
  runtime: GatewayRuntime,
  terms: PageTerms,
  url: () => string,
): Promise<StartedPage | undefined> {
  const loaded = await import('@frontage/developer-page').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw cause;
  });
  if (loaded === undefined) return undefined;
  const page = new loaded.DeveloperPage(developerSource(runtime, terms, url));
  runtime.onExchange = ({ request, response, context }) => page.watch(request, response, context);
  return { area: (request, response, path) => page.handle(request, response, path), close: () => page.close() };
}

import type { ResponseDescription } from '@frontage/contracts';
import { mediaKind } from '@frontage/core';
import type { SampledContract } from '../endpoint/planner/sampled-contract.js';
import type { AppDescription } from '../plan/app-description.js';
import type { DocumentedEndpoint } from './example-request.js';

/** The screens of an app whose success is JSON. @param contract the document of the app */
export function documentedEndpoints(
  { endpoints }: AppDescription,
  { operations }: SampledContract,
): readonly DocumentedEndpoint[] {
  return endpoints.flatMap((endpoint) => {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    const operation = [...operations.values()].find((one) => one.path === path && one.method === endpoint.method);
    const isShown = endpoint.screen !== undefined && operation?.responses.some(isJsonSuccess) === true;
    return isShown ? [{ endpoint, operation }] : [];
  });
}

export const isJson = ({ media }: { readonly media: string }): boolean => mediaKind(media) === 'json';

export const isJsonSuccess = ({ status, media }: ResponseDescription): boolean =>
  status.startsWith('2') && media.some(isJson);

import { literal, quote } from '../../codegen/source-text.js';
import type { PlannedScreen } from '../planner/planned-screen.js';
import type { SampleRequest } from '../planner/sample-request.js';

/** The row of an endpoint in the `endpointSuite` of its app. */
export function rowText({ method, path, scope }: PlannedScreen, request: SampleRequest): string {
  const members = [
    `route: ${quote(`${method} ${path}`)}`,
    ...(request.path === path ? [] : [`path: ${quote(request.path)}`]),
    `scope: ${quote(scope)}`,
    ...(Object.keys(request.headers).length === 0 ? [] : [`headers: ${literal(request.headers)}`]),
    ...(request.body === undefined ? [] : [`body: ${literal(request.body)}`]),
    ...(method === 'POST' ? ['status: 201'] : []),
  ];
  return `{ ${members.join(', ')} }`;
}

import { literal, quote } from '../../codegen/source-text.js';
import type { PlannedScreen } from '../planner/planned-screen.js';
import { key } from '../planner/member-text.js';
import type { SampleRequest } from '../planner/sample-request.js';

/** The row of an endpoint in the `endpointSuite` of its app. */
export function rowText({ method, path, scope }: PlannedScreen, request: SampleRequest): string {
  const members = [
    `route: ${quote(`${method} ${path}`)}`,
    ...(request.path === path ? [] : [`path: ${quote(request.path)}`]),
    `scope: ${quote(scope)}`,
    ...(Object.keys(request.headers).length === 0 ? [] : [`headers: ${literal(request.headers)}`]),
    ...(request.body === undefined ? [] : [`body: ${literal(request.body)}`]),
    ...(request.form === undefined ? [] : [`form: ${formText(request.form)}`]),
    ...(method === 'POST' ? ['status: 201'] : []),
  ];
  return `{ ${members.join(', ')} }`;
}

/** The members of a form: texts, lists of texts, and files. */
function formText({ texts, files }: NonNullable<SampleRequest['form']>): string {
  const byName = Map.groupBy(texts, ([name]) => name);
  const members = [...byName].map(([name, all]) => {
    const values = all.map(([, text]) => text);
    return `${key(name)}: ${literal(values.length === 1 ? values[0] : values)}`;
  });
  const parts = files.map(
    ({ name, fileName, type }) => `${key(name)}: new File(['a file'], ${quote(fileName)}, { type: ${quote(type)} })`,
  );
  return `{ ${[...members, ...parts].join(', ')} }`;
}

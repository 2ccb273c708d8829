import { jsonPage, type AdminAction } from '@frontage/admin';
import type { IncidentFolder } from '../incidents/incident-folder.js';

/**
 * `POST /incidents`: the incident of `{"requestId": "..."}`, or with `{}` the ids of those that are kept. It changes nothing; it is an
 * action because an incident is shown only to those who may change something.
 */
export function incidentAction(folder: IncidentFolder): AdminAction {
  return async (body) => {
    if (typeof body !== 'object' || body === null) return refusal(400, 'expected {"requestId": "..."} or {}');
    const requestId: unknown = Object.hasOwn(body, 'requestId') ? Reflect.get(body, 'requestId') : undefined;
    if (requestId === undefined) return jsonPage({ incidents: await folder.list() });
    if (typeof requestId !== 'string' || requestId === '' || requestId.length > 128)
      return refusal(400, 'a request id has 1 to 128 characters');
    const text = await folder.read(requestId);
    return text === undefined
      ? refusal(404, 'no incident of this request is kept')
      : { contentType: 'application/json', body: text };
  };
}

const refusal = (status: number, detail: string) => ({ ...jsonPage({ detail }), status });

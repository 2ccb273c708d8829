import type { RequestBytes } from '../../model/request-record.js';
import type { DeveloperState, FaultState, PolicyValue, SandboxState, WhyMember } from '../../model/state.js';

/** The server of this page defines the shape of each response. */
async function responseOf<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`/developer/${path}`, init);
  const body: unknown = await response.json();
  if (response.ok) return body as T;
  const detail =
    typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : response.statusText;
  throw new Error(detail);
}

const post = <T>(path: string, body: object): Promise<T> =>
  responseOf(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export const readState = (): Promise<DeveloperState> => responseOf('state');
export const readPolicy = (): Promise<readonly PolicyValue[]> => responseOf('policy');
export const readBytes = (id: number, reveal: boolean): Promise<RequestBytes> =>
  responseOf(`bytes?id=${id}&reveal=${reveal}`);
export const replay = (id: number): Promise<object> => post('replay', { id });

export const setFault = (
  upstream: string,
  operation: string | undefined,
  fault: FaultState | null,
): Promise<SandboxState> => post('faults', { upstream, ...(operation !== undefined && { operation }), fault });

export const clearFaults = (): Promise<SandboxState> => post('faults', { fault: null });

/** Empty where no call makes the member. */
export function readWhy(method: string, route: string, member: string): Promise<readonly WhyMember[]> {
  const query = new URLSearchParams({ method, route, member });
  return responseOf(`why?${query.toString()}`);
}

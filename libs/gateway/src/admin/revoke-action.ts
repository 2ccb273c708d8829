import { jsonPage, type AdminAction } from '@frontage/admin';
import type { Revocation, Revocations } from '@frontage/auth';

const forms = '{"id": "..."}, {"subject": "..."} or {"issuedBefore": "now"}';

/** `POST /revocations`: the credentials are refused from now on. */
export function revokeAction(revocations: Revocations): AdminAction {
  return async (body) => {
    const refuse = (detail: string) => ({ ...jsonPage({ detail }), status: 400 });
    const revocation = revocationOf(body);
    if (revocation === undefined) return refuse(`expected one of ${forms}`);
    try {
      await revocations.revoke(revocation);
    } catch (error) {
      if (error instanceof RangeError) return refuse(error.message);
      const detail =
        'this process refuses the credential now; the shared store took no entry, so other processes do not';
      return { ...jsonPage({ detail }), status: 503 };
    }
    return jsonPage({ revoked: revocation, shared: revocations.isShared });
  };
}

function revocationOf(body: unknown): Revocation | undefined {
  if (typeof body !== 'object' || body === null || Object.keys(body).length !== 1) return undefined;
  const of = (member: string): unknown => (Object.hasOwn(body, member) ? Reflect.get(body, member) : undefined);
  const [id, subject, issuedBefore] = [of('id'), of('subject'), of('issuedBefore')];
  if (typeof id === 'string') return { id };
  if (typeof subject === 'string') return { subject };
  if (typeof issuedBefore !== 'string') return undefined;
  const time = issuedBefore === 'now' ? Date.now() : Date.parse(issuedBefore);
  return Number.isNaN(time) ? undefined : { issuedBefore: time };
}

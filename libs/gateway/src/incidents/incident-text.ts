import { redactValue, type Incident, type IncidentCall } from '@frontage/core';

/** The place of the subject of the caller. */
const person = 'person-1';
/** Claims and marks of a caller that say what the person may do, and not who it is. */
const keptOfCaller: ReadonlySet<string> = new Set(['scopes', 'roles', 'acr', 'authenticatedAt', 'quota']);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An incident as JSON: without secrets and classified values, and with a stand-in for the subject of the caller wherever it is a value.
 * @param maxBytes bodies are left out, the largest first, until it fits
 */
export function incidentText(incident: Incident, maxBytes: number): string {
  const { input, calls } = incident;
  const subject = isRecord(input['caller']) ? input['caller']['subject'] : undefined;
  const safe = (value: unknown): unknown => redactValue(withStandIn(value, subject));
  let kept = calls.map((call) => safeCall(call, safe));
  const textOf = (): string =>
    `${JSON.stringify({ ...incident, input: safeInput(input, safe), calls: kept }, null, 2)}\n`;
  let text = textOf();
  while (Buffer.byteLength(text) > maxBytes) {
    const sizes = kept.map(({ response }) => (response.kind === 'left_out' ? 0 : JSON.stringify(response).length));
    const largest = sizes.indexOf(Math.max(...sizes));
    if (sizes[largest] === undefined || sizes[largest] === 0) {
      // Bodies are not what makes it large: the calls at the end go, which are those of a long list.
      kept = kept.slice(0, Math.floor(kept.length / 2));
      if (kept.length === 0) return `${JSON.stringify({ ...incident, input: {}, calls: [] })}\n`;
    } else {
      const why = `${sizes[largest]} characters did not fit into incidents.maxBytes`;
      kept = kept.map((call, at) => (at === largest ? { ...call, response: { kind: 'left_out', why } } : call));
    }
    text = textOf();
  }
  return text;
}

function safeCall(call: IncidentCall, safe: (value: unknown) => unknown): IncidentCall {
  const { response } = call;
  if (response.kind === 'value') return { ...call, response: { ...response, body: safe(response.body) } };
  if (response.kind !== 'failure') return call;
  const { declared, detail, ...failure } = response.failure;
  return {
    ...call,
    response: {
      kind: 'failure',
      failure: {
        ...failure,
        ...(detail !== undefined && { detail: String(safe(detail)) }),
        ...(declared !== undefined && { declared: { ...declared, body: safe(declared.body) } }),
      },
    },
  };
}

function safeInput(input: Incident['input'], safe: (value: unknown) => unknown): Incident['input'] {
  const { caller, ...others } = input;
  const known = safe(others);
  return {
    ...(isRecord(known) && known),
    ...(isRecord(caller) && {
      caller: {
        subject: person,
        ...Object.fromEntries(Object.entries(caller).filter(([name]) => keptOfCaller.has(name))),
        ...(isRecord(caller['claims']) && { claims: withoutTexts(caller['claims']) }),
      },
    }),
  };
}

/** Texts of claims may be names of people; numbers and truth values are kept. */
const withoutTexts = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name, typeof value === 'string' ? '[redacted]' : value]),
  );

/** A deep copy of a JSON value, in which each text that is the subject is another one: values that were the same still are. */
function withStandIn(value: unknown, subject: unknown): unknown {
  if (typeof value === 'string') return value === subject ? person : value;
  if (Array.isArray(value)) return value.map((item: unknown) => withStandIn(item, subject));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withStandIn(member, subject)]));
}

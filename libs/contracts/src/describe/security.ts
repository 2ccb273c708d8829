import type { SecurityScheme } from '@frontage/core';
import type { DocumentSource } from '../schema/document-source.js';
import { ContractFault } from '../schema/schema-registry.js';
import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';
import { locationOf } from '../document/location.js';

/** The security schemes of a document that a client can serve, by name (OpenAPI 3.1 section 4.8.27). */
export function describeSchemes(
  document: JsonObject,
  source: DocumentSource,
): Readonly<Record<string, SecurityScheme>> {
  const schemes: [string, SecurityScheme][] = [];
  const components = memberObject(document, 'components');
  for (const [name, value] of Object.entries(memberObject(components, 'securitySchemes') ?? {})) {
    const scheme = schemeOf(behind(value, source));
    if (scheme !== undefined) schemes.push([name, scheme]);
    else if (memberText(behind(value, source), 'type') !== 'mutualTLS')
      source.warn('security-scheme', `no client can send what the security scheme ${name} asks for`, value);
  }
  return Object.fromEntries(schemes);
}

function schemeOf(node: unknown): SecurityScheme | undefined {
  const name = memberText(node, 'name');
  const place = memberText(node, 'in');
  switch (memberText(node, 'type')?.toLowerCase()) {
    case 'apikey':
      return name !== undefined && (place === 'query' || place === 'header' || place === 'cookie')
        ? { kind: place, name }
        : undefined;
    case 'basic':
      return { kind: 'basic' };
    case 'http': {
      // RFC 9110 section 11.1: in any case of letters.
      const scheme = memberText(node, 'scheme')?.toLowerCase();
      return scheme === 'basic' || scheme === 'bearer' ? { kind: scheme } : undefined;
    }
    case 'oauth2':
    case 'openidconnect':
      return { kind: 'bearer' };
    default:
      return undefined;
  }
}

/**
 * The secrets that an operation asks for: it takes one of these lists, and all schemes of that list. Undefined where the contract says
 * nothing; an empty list among them means that it takes none, too.
 * @throws {ContractFault} at the scheme, where each alternative needs a scheme whose value is computed for each request
 */
export function describeSecurity(
  node: JsonObject,
  document: JsonObject,
  source: DocumentSource,
): readonly (readonly string[])[] | undefined {
  const holder = Array.isArray(member(node, 'security')) ? node : document;
  const known = memberObject(memberObject(document, 'components'), 'securitySchemes') ?? {};
  const alternatives = memberArray(holder, 'security').flatMap((requirement) => {
    if (!isObject(requirement)) return [];
    const names = Object.keys(requirement);
    const unknown = names.find((name) => !Object.hasOwn(known, name));
    if (unknown !== undefined)
      source.warn('security-scheme', `there is no security scheme ${JSON.stringify(unknown)}`, requirement, unknown);
    // A certificate of the client belongs to the connection.
    return [names.filter((name) => memberText(behind(known[name], source), 'type') !== 'mutualTLS')];
  });
  const computed = alternatives.map((names) => names.find((name) => isComputed(behind(known[name], source))));
  const [first] = computed;
  if (first !== undefined && !computed.includes(undefined)) {
    const scheme = behind(known[first], source);
    throw new ContractFault(
      `every call needs the security scheme ${first} (HTTP ${memberText(scheme, 'scheme')}), whose value is computed for each request: a policy ` +
        `cannot give it. Let the service take a bearer token, an API key or basic; or let a proxy add it, and remove \`security\` here by an overlay`,
      locationOf(scheme, 'scheme'),
    );
  }
  return alternatives.length === 0 ? undefined : alternatives;
}

/**
 * Schemes of HTTP whose value follows from a challenge, from a key or from the request (the IANA registry of HTTP authentication schemes,
 * without Basic and Bearer).
 */
const computedSchemes: ReadonlySet<string> = new Set(
  'concealed digest dpop gnap hoba mutual negotiate oauth privatetoken scram-sha-1 scram-sha-256 vapid'.split(' '),
);

const isComputed = (scheme: unknown): boolean =>
  memberText(scheme, 'type')?.toLowerCase() === 'http' &&
  computedSchemes.has(memberText(scheme, 'scheme')?.toLowerCase() ?? '');

/** A reference that leads nowhere costs the scheme, and no operation. */
function behind(node: unknown, source: DocumentSource): unknown {
  try {
    return source.dereference(node);
  } catch (error) {
    if (error instanceof ContractFault) return undefined;
    throw error;
  }
}

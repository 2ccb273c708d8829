import type { AccessDescription } from './app-description.js';

/** The rule of a route or of a call in words; empty for a rule without conditions. */
export function ruleText({
  allScopes,
  anyScopes,
  anyRoles,
  acr,
  maxAgeSeconds,
  owner,
  when,
}: AccessDescription): string {
  const rules = [
    ...allScopes.map((scope) => `scope ${scope}`),
    ...(anyScopes.length > 0 ? [`one of the scopes ${anyScopes.join(', ')}`] : []),
    ...(anyRoles.length > 0 ? [`one of the roles ${anyRoles.join(', ')}`] : []),
    ...(acr === undefined ? [] : [`a login of the class ${acr.join(' or ')}`]),
    ...(maxAgeSeconds === undefined ? [] : [`a login of the last ${maxAgeSeconds} s`]),
    ...(owner === undefined ? [] : [ownerText(owner)]),
    ...(when === undefined ? [] : ['a rule of its code']),
  ];
  return rules.join(', ');
}

function ownerText({ orRole, ...place }: NonNullable<AccessDescription['owner']>): string {
  const [[where, name] = ['', '']] = Object.entries(place);
  return `the caller in the ${where} (${name})${orRole === undefined ? '' : ` or the role ${orRole}`}`;
}

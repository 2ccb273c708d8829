import type { AppDescription } from '@frontage/gateway';

/** The access rule of the description, as far as the table needs it. */
interface Rule {
  readonly allScopes: readonly string[];
  readonly anyScopes: readonly string[];
  readonly anyRoles: readonly string[];
}

/** Every route with its access rule and rate class, as Markdown to commit: a reviewer sees a new or opened route. */
export function routeTable(description: AppDescription): string {
  const rows = description.endpoints.map(({ method, path, access, rateClass, handler }) => [
    `${method} ${path}`,
    accessText(access),
    rateClass ?? 'none',
    handler,
  ]);
  const lines = [['route', 'access', 'rate class', 'handler'], ['---', '---', '---', '---'], ...rows];
  return `# Routes of ${description.bff}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}`;
}

/** The access rule of a route in words. */
export function accessText(access: unknown): string {
  if (access === 'public') return '**public**';
  const { allScopes, anyScopes, anyRoles } = access as Rule;
  const conditions = [
    ...allScopes.map((scope) => `scope ${scope}`),
    ...(anyScopes.length > 0 ? [`one of the scopes ${anyScopes.join(', ')}`] : []),
    ...(anyRoles.length > 0 ? [`one of the roles ${anyRoles.join(', ')}`] : []),
  ];
  return conditions.join(', ') || 'any caller with a token';
}

import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';

/**
 * The addresses of the nearest list of servers, variables replaced by their defaults (OpenAPI 3.1 section 4.8.5).
 * @param warn called for a variable that has no default: its server is left out
 */
export function serverUrls(holder: unknown, warn: (message: string, node: JsonObject) => void): string[] {
  return memberArray(holder, 'servers').flatMap((server) => {
    const url = memberText(server, 'url');
    if (url === undefined || !isObject(server)) return [];
    const variables = memberObject(server, 'variables');
    const missing = new Set<string>();
    const written = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
      const value = member(member(variables, name), 'default');
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
      missing.add(name);
      return '';
    });
    if (missing.size === 0) return [written];
    const names = [...missing].map((name) => `{${name}}`).join(', ');
    warn(`${names} of the server ${url} has no default; the server is left out`, server);
    return [];
  });
}

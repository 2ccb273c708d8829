import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';

/** Tells the author of a contract about a server. */
type Warn = (rule: string, message: string, node: JsonObject, key?: string) => void;

/**
 * The addresses of a list of servers, variables replaced by their defaults, or by the first value that they may have (OpenAPI 3.1 section
 * 4.8.5). A server with a variable that has neither is left out.
 */
export function serverUrls(holder: unknown, warn: Warn): string[] {
  return memberArray(holder, 'servers').flatMap((server) => {
    const url = memberText(server, 'url');
    if (url === undefined || !isObject(server)) return [];
    const variables = memberObject(server, 'variables');
    const missing = new Set<string>();
    const written = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
      const variable = member(variables, name);
      const value = member(variable, 'default') ?? memberArray(variable, 'enum')[0];
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
      missing.add(name);
      return '';
    });
    if (missing.size === 0) return [written];
    const names = [...missing].map((name) => `{${name}}`).join(', ');
    warn('server-variable', `${names} of the server ${url} has no default; the server is left out`, server);
    return [];
  });
}

interface OperationNodes {
  readonly id: string;
  readonly node: JsonObject;
  readonly item: JsonObject;
}

/** The servers of an operation or of its path; undefined where they are those of the document. */
export function ownServers(
  { id, node, item }: OperationNodes,
  ofDocument: readonly string[],
  warn: Warn,
): readonly string[] | undefined {
  const holder = [node, item].find((each) => memberArray(each, 'servers').length > 0);
  if (holder === undefined) return undefined;
  const found = serverUrls(holder, warn);
  // A server that cannot be written out is another one all the same.
  const written = memberArray(holder, 'servers').flatMap((each) => memberText(each, 'url') ?? []);
  const servers = found.length > 0 ? found : written;
  const textOf = (urls: readonly string[]): string => urls.map((url) => url.replace(/\/+$/, '')).join('\n');
  if (servers.length === 0 || textOf(servers) === textOf(ofDocument)) return undefined;
  const policy = `operations.${id}.urls, or contractServers, in its policy`;
  const message = `${id} is served at ${servers.join(', ')}, not at the servers of the contract: an app that calls it needs ${policy}`;
  warn('servers', message, holder, 'servers');
  return servers;
}

import { terminalLine } from '@frontage/contracts/terminal-text';
import { UsageError } from '../terminal/command.errors.js';
import { addressVariables, listUpstreams, urlVariable, type AppFolder } from '../workspace/workspace.js';
import { meant } from './built-app.js';

/** An upstream that an app calls in development in the place of the sandbox. */
export interface RealUpstream {
  readonly name: string;
  readonly url: string;
  /** The variables of `bff.yaml` that get its address. */
  readonly variables: readonly string[];
}

/** Tokens are issued elsewhere: `--real issuer=https://id.example.com`. */
export const issuerName = 'issuer';

/**
 * The real upstreams of a development run, from `--real orders=https://orders.example.com`, and from variables that are set already.
 * @param flags `name=URL` each; a flag replaces a variable
 * @throws {UsageError} that says which upstream or address is wrong, and how it is written
 */
export function realUpstreams(
  root: string,
  app: AppFolder,
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
): RealUpstream[] {
  const known = listUpstreams(root);
  const found = new Map<string, RealUpstream>();
  for (const name of known) {
    const variables = variablesOf(app, name) ?? [];
    const [variable, url] =
      variables.map((each) => [each, env[each]] as const).find(([, value]) => value !== undefined) ?? [];
    if (variable === undefined || url === undefined || url === '') continue;
    found.set(name, { name, url: checkedUrl(variable, url), variables });
  }
  for (const flag of flags) {
    const at = flag.indexOf('=');
    if (at < 1)
      throw new UsageError(
        `--real ${JSON.stringify(flag)}: write the upstream and its address, such as orders=https://orders.example.com`,
      );
    const [name, url] = [flag.slice(0, at), flag.slice(at + 1)];
    found.set(name, { name, url: checkedUrl(`--real ${name}`, url), variables: flagVariables(app, name, known) });
  }
  return [...found.values()];
}

function flagVariables(app: AppFolder, name: string, known: readonly string[]): readonly string[] {
  if (name === issuerName) return ['ISSUER_URL'];
  if (!known.includes(name))
    throw new UsageError(`--real ${terminalLine(name)}: there is no such upstream${meant(name, known)}`);
  const variables = variablesOf(app, name);
  if (variables === undefined)
    throw new UsageError(
      `--real ${name}: apps/${app.name}/bff.yaml has no upstreams.${name}.urls, so ${app.name} does not call it`,
    );
  if (variables.length > 0) return variables;
  throw new UsageError(
    `--real ${name}: upstreams.${name}.urls in apps/${app.name}/bff.yaml has no variable; write urls: ['\${${urlVariable(name)}}']`,
  );
}

/** A `bff.yaml` that cannot be read is reported when the app starts, with its position. */
function variablesOf(app: AppFolder, upstream: string): readonly string[] | undefined {
  try {
    return addressVariables(app, upstream);
  } catch {
    return [urlVariable(upstream)];
  }
}

function checkedUrl(where: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError(
      `${where} is ${JSON.stringify(text)}: an address such as https://orders.example.com is expected`,
    );
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError(
      `${where} has a user, a query or a fragment: scheme, host, port and path are expected; credentials belong into bff.yaml`,
    );
  return text.replace(/\/+$/, '');
}

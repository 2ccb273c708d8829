import type { ConfigIssue } from '../document/config.errors.js';
import type { ConfigNode } from '../document/document.js';
import type { Environment } from './environment.js';
import { issueOn } from '../schema/explain.js';
import { nodeAt } from '../document/tree.js';

const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** Warns of variables from which other programs take their proxy: here only policy names one. */
export function unusedProxies(root: ConfigNode, env: Environment): ConfigIssue[] {
  if (nodeAt(root, ['proxy']) !== undefined) return [];
  const name = names.find((each) => (env[each] ?? '') !== '');
  if (name === undefined) return [];
  const message = `variable ${name} is set and not used: a proxy is named by policy alone; write proxy: "\${${name}}", or proxy: off`;
  return [issueOn(root, ['proxy'], 'key', message)];
}

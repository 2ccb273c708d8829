import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findApp } from '../../dev/built-app.js';
import { graphOf } from '../../graph/graph.js';
import { graphMermaid } from '../../graph/graph-mermaid.js';
import { graphSvg } from '../../graph/graph-svg.js';
import { CheckFailed } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { fileChanges, filesText } from '../../terminal/command-result.js';
import { describedApps } from '../../usage/described-apps.js';
import { findWorkspace } from '../../workspace/workspace.js';
import { checkFiles, writeFiles } from '../../workspace/write-files.js';

interface GraphFlags {
  readonly svg?: true;
  readonly out?: string;
}

/** The beginnings of the files that this command writes. */
const isOwn = (text: string): boolean => /^(?:flowchart LR\n|<svg [^>]*>\n<title>BFFs, )/.test(text);

/** `frontage graph`: all BFFs, endpoints and upstreams as a picture. */
export function registerGraph(program: Command, context: CommandContext): void {
  program
    .command('graph')
    .description('Draw all BFFs, their endpoints and the upstreams that they call, with their teams')
    .argument('[apps...]', 'folders of apps/ (default: all)')
    .option('--svg', 'as an SVG picture (default: a Mermaid flowchart)')
    .option('--out <file>', 'write it to a file of the workspace')
    .addHelpText('after', '\nExample:\n  npx frontage graph --svg --out docs/graph.svg')
    .action(async (names: readonly string[], { svg, out }: GraphFlags) => {
      const root = findWorkspace(context.cwd);
      const chosen = new Set(names.map((name) => findApp(root, name).name));
      const graph = graphOf(await describedApps(root, context, chosen.size === 0 ? undefined : chosen));
      const text = svg === true ? graphSvg(graph) : graphMermaid(graph);
      const data = {
        ...graph,
        apps: graph.apps.map((app) => ({
          ...app,
          endpoints: app.endpoints.map(({ label, calls }) => ({ label, calls: Object.fromEntries(calls) })),
        })),
      };
      if (out === undefined) return context.report({ text, data });
      const path = resolve(context.cwd, out);
      await checkFiles(root, [path]);
      const current = existsSync(path) ? await readFile(path, 'utf8') : undefined;
      if (current === text)
        return context.report({ text: `${out} is current: nothing has changed\n`, files: [], data });
      if (current !== undefined && !isOwn(current))
        throw new CheckFailed(`${out} is not a file of this command: nothing was written; choose another name`);
      const files = fileChanges(root, [path]);
      await writeFiles(root, new Map([[path, text]]));
      return context.report({ text: filesText(files), files, data });
    });
}

import type { Command } from 'commander';
import { findApp } from '../../dev/built-app.js';
import { previewApp, type AppFiles } from '../../preview/app-preview.js';
import { previewMarkdown } from '../../preview/preview-markdown.js';
import { readNow, Revision } from '../../preview/revision.js';
import { CheckFailed } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { appFolders, findWorkspace } from '../../workspace/workspace.js';

interface PreviewFlags {
  readonly base: string;
}

/** `frontage preview`: what a change does to the screens, for a pull request. */
export function registerPreview(program: Command, context: CommandContext): void {
  program
    .command('preview')
    .description('Show what a change does to the screens of the apps, as one Markdown text for a pull request')
    .argument('[apps...]', 'folders of apps/ (default: all)')
    .option('--base <revision>', 'the revision of git to compare with', 'main')
    .addHelpText(
      'after',
      `
Compares openapi.gen.json and costs.gen.json of each app with those of the revision: nothing is built or started.

Example:
  npx frontage preview --base origin/main > preview.md`,
    )
    .action(async (names: readonly string[], { base }: PreviewFlags) => {
      const root = findWorkspace(context.cwd);
      const apps = names.length === 0 ? appFolders(root) : names.map((name) => findApp(root, name));
      const revision = await Revision.open(root, base);
      const previews = await Promise.all(
        apps.map(async ({ name: app }) => ({
          app,
          screens: previewApp(
            await filesOf(app, (path) => revision.read(path)),
            await filesOf(app, (path) => readNow(root, path)),
          ),
        })),
      );
      const data = previews.map(({ app, screens }) => ({
        app,
        screens: screens.map(({ figures, ...screen }) => ({ ...screen, figures: Object.fromEntries(figures) })),
      }));
      context.report({
        text: previewMarkdown(base, previews),
        data: { base: { name: base, commit: revision.commit }, apps: data },
      });
    });
}

async function filesOf(app: string, read: (path: string) => Promise<string | undefined>): Promise<AppFiles> {
  const json = async (name: string): Promise<unknown> => {
    const path = `apps/${app}/${name}`;
    const text = await read(path);
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      throw new CheckFailed(`${path} is no JSON: restore it from version control, or make it again`);
    }
  };
  return { document: await json('openapi.gen.json'), costs: await json('costs.gen.json') };
}

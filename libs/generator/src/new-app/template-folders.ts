import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders from which apps and workspaces are made. */
export interface TemplateFolders {
  /** A folder for each kind of client, and `clients.json`. */
  readonly app: string;
  readonly workspace: string;
  /** Contracts of the example services with their generated files. */
  readonly upstreams: string;
  readonly policy: string;
  /** Earlier versions of the templates of apps, from before apps kept what they were made from. */
  readonly history: string;
}

/** The folders of this package; in the repository of Frontage those from which the package is packed. */
export function templateFolders(): TemplateFolders {
  const repository = fileURLToPath(new URL('../../../../', import.meta.url));
  const templates = join(repository, 'templates');
  if (existsSync(join(templates, 'workspace', 'package.json')))
    return {
      app: join(templates, 'app'),
      workspace: join(templates, 'workspace'),
      upstreams: join(repository, 'libs', 'upstreams'),
      policy: join(repository, 'policy'),
      history: join(templates, 'history.json'),
    };
  const packed = fileURLToPath(new URL('../templates/', import.meta.url));
  const folder = (name: string): string => join(packed, name);
  return {
    app: folder('app'),
    workspace: folder('workspace'),
    upstreams: folder('upstreams'),
    policy: folder('policy'),
    history: folder('history.json'),
  };
}

/** The templates of apps: those of the workspace, where it has its own. */
export function appTemplates(root: string): string {
  const own = join(root, 'templates', 'app');
  return existsSync(own) ? own : templateFolders().app;
}

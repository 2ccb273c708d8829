import { upstreamClients } from '../endpoint/client/upstream-clients.js';
import { answerCheck, fits, type Prompter } from '../terminal/prompter.js';
import { listApps } from '../workspace/workspace.js';
import { chooseName } from './new-app-checks.js';
import type { NewAppRequest } from './new-app.js';
import { readListings, registrations } from './registrations.js';
import { blankClient, readClients } from './template.js';

/** Asks for what the flags of `frontage new` do not say: the name, the kind of clients, and the services of a first screen. */
export async function askNewApp(
  root: string,
  given: Partial<NewAppRequest>,
  prompter: Prompter,
): Promise<Pick<NewAppRequest, 'name' | 'client' | 'upstreams'>> {
  const [listings, clients] = [await readListings(root), await readClients(root)];
  const apps = listApps(root, {});
  const check = answerCheck((name) => chooseName(root, name, apps, [...registrations(name, listings)]));
  const name = given.name ?? (await prompter.input('The name of the BFF, such as tv:', check));
  const kinds = clients.map((client) => ({ value: client.name, name: client.name, description: client.description }));
  const client =
    given.client ?? (await prompter.search('For which clients?', (typed) => kinds.filter((kind) => fits(typed, kind))));
  if (given.upstreams !== undefined) return { name, client, upstreams: given.upstreams };
  const services = upstreamClients(root, name).map((one) => ({ value: one.name, name: one.name }));
  // The templates of kinds have screens of their own.
  if (client !== blankClient || services.length === 0) return { name, client };
  const upstreams = await prompter.several(
    'Which services does its first screen show? None makes an empty screen',
    services,
  );
  return { name, client, ...(upstreams.length > 0 && { upstreams }) };
}

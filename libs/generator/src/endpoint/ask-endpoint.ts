import { UsageError } from '../terminal/command.errors.js';
import { answerCheck, fits, type Choice, type Prompter } from '../terminal/prompter.js';
import { appFolders } from '../workspace/workspace.js';
import { allOperations } from './client/client-operations.js';
import { upstreamClients } from './client/upstream-clients.js';
import { endpointTarget, type EndpointRequest } from './endpoint-request.js';

const done = '';

/** Asks for what the flags of `frontage endpoint` do not say. */
export async function askEndpoint(
  root: string,
  given: Partial<EndpointRequest>,
  prompter: Prompter,
): Promise<EndpointRequest> {
  const target = given.target ?? (await askTarget(root, prompter));
  const { app } = endpointTarget(root, target);
  if (given.calls !== undefined || given.optional !== undefined)
    return { ...given, target, calls: given.calls ?? [], optional: given.optional ?? [] };
  const clients = upstreamClients(root, app.name);
  if (clients.length === 0)
    throw new UsageError('there is no upstream to call: npx frontage upstream add <name> <file or URL>');
  const { operations } = await allOperations(clients);
  const choices = operations.map(({ client, name, summary, isRead }) => ({
    value: `${client.name}.${name}`,
    name: `${client.name}.${name}`,
    description: summary,
    isRead,
  }));
  const calls: string[] = [];
  for (;;) {
    const count = calls.length;
    const end: Choice[] = count === 0 ? [] : [{ value: done, name: `(that is all: ${calls.join(', ')})` }];
    const answer = await prompter.search(
      count === 0 ? 'Which operation does the screen call?' : 'Which one more?',
      (typed) => [
        ...(typed === '' ? end : []),
        ...choices.filter((one) => !calls.includes(one.value) && fits(typed, one)),
        ...(typed === '' ? [] : end),
      ],
    );
    if (answer === done) break;
    calls.push(answer);
  }
  const reads = calls.flatMap((call) => choices.filter((one) => one.isRead && one.value === call));
  const optional = reads.length === 0 ? [] : await prompter.several('Which of them may be missing?', reads);
  return { ...given, target, calls, optional };
}

async function askTarget(root: string, prompter: Prompter): Promise<string> {
  const apps = appFolders(root).map(({ name }) => ({ value: name, name }));
  if (apps.length === 0) throw new UsageError('there is no app yet: npx frontage new tv --client mobile');
  const app = await prompter.search('Of which app?', (typed) => apps.filter((one) => fits(typed, one)));
  const name = await prompter.input(
    'The name of the screen, such as order-history:',
    answerCheck((answer) => endpointTarget(root, `${app}/${answer}`)),
  );
  return `${app}/${name}`;
}

import { terminalLine } from '@frontage/contracts/terminal-text';
import { UsageError } from '../terminal/command.errors.js';
import type { Choice, Prompter } from './ask-endpoint.js';

/** Asks in the terminal of this process. The library is loaded for the first question alone. */
export async function terminalPrompter(): Promise<Prompter> {
  const { checkbox, input, search } = await import('@inquirer/prompts');
  return {
    input: (message, validate) => answered(input({ message, validate })),
    search: (message, choices) =>
      answered(search({ message, source: (typed = '') => choices(typed).map(safe), pageSize: 12 })),
    several: (message, choices) =>
      answered(checkbox({ message: `${message} (space marks one, enter ends)`, choices: choices.map(safe) })),
  };
}

/** Summaries are texts of contracts. */
const safe = ({ value, name, description }: Choice): { value: string; name: string; description?: string } => ({
  value,
  name: terminalLine(name),
  ...(description !== undefined && { description: terminalLine(description) }),
});

async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new UsageError('the questions were not answered. Nothing was written.');
    throw error;
  }
}

import { terminalLine } from '@frontage/contracts/terminal-text';
import { UsageError } from './command.errors.js';
import type { Choice, Prompter, QuestionStreams } from './prompter.js';

/**
 * Asks in a terminal. The library is loaded for the first question alone.
 * @param streams of the terminal @default those of this process
 */
export async function terminalPrompter(streams?: QuestionStreams): Promise<Prompter> {
  const { checkbox, input, search } = await import('@inquirer/prompts');
  return {
    input: (message, validate) => answered(input({ message, validate }, streams)),
    search: (message, choices) =>
      answered(search({ message, source: (typed = '') => choices(typed).map(safe), pageSize: 12 }, streams)),
    several: (message, choices) =>
      answered(checkbox({ message: `${message} (space marks one, enter ends)`, choices: choices.map(safe) }, streams)),
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

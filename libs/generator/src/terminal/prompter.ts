export interface Choice {
  readonly value: string;
  readonly name: string;
  /** The line below the list while the choice is marked. */
  readonly description?: string;
}

/** Questions in a terminal. */
export interface Prompter {
  input(question: string, check: (answer: string) => true | string): Promise<string>;
  /** One of several; the answer narrows the list while it is typed. */
  search(question: string, choices: (typed: string) => readonly Choice[]): Promise<string>;
  /** Any number of several. */
  several(question: string, choices: readonly Choice[]): Promise<readonly string[]>;
}

/** The streams of questions and answers. */
export interface QuestionStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Every typed word stands in the name or the description. */
export function fits(typed: string, { name, description = '' }: Choice): boolean {
  const text = `${name} ${description}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The reason why an answer cannot be taken, from a check that throws it. */
export function answerCheck(check: (answer: string) => unknown): (answer: string) => true | string {
  return (answer) => {
    try {
      check(answer);
      return true;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

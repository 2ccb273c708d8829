import type { Codemod } from './codemod.js';
import { withRenamedImports } from './renamed-imports.js';

/** A screen has a response; the answers of the first version were responses too. */
export const responseNames: Codemod = {
  name: '0001-response-names',
  description: 'what was called an answer is a response: readAnswer is readResponse, AnswerOf is ResponseOf',
  change: (path, text) =>
    withRenamedImports(path, text, {
      '@frontage/aggregation': {
        AnswerOf: 'ResponseOf',
        AnswerSchema: 'ResponseSchema',
        CompleteAnswer: 'CompleteResponse',
        PartialAnswer: 'PartialResponse',
        ProblemAnswer: 'ProblemResponse',
        Answered: 'Finished',
        Sure: 'PresentNode',
        Unsure: 'MaybeMissingNode',
      },
      '@frontage/testing': { readAnswer: 'readResponse', PlanRun: 'PlanRunResult' },
    }),
};

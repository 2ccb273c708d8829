import { HttpException } from '@nestjs/common';
import type { Refusal } from '@frontage/context';
import { ProblemError } from '@frontage/core';

/**
 * A refusal of the pipeline as an exception of Nest, for exception filters of the application that take everything: they keep its status
 * and its text.
 */
export class PipelineRefusal extends HttpException {
  readonly problem: ProblemError;

  constructor(problem: ProblemError) {
    super({ statusCode: problem.status, code: problem.code, message: problem.message }, problem.status);
    this.problem = problem;
  }
}

/** Facts about a refusal for the log of security decisions, never for the client. */
export function refusalOf(thrown: unknown): Refusal | undefined {
  const problem = thrown instanceof PipelineRefusal ? thrown.problem : thrown;
  if (!(problem instanceof ProblemError)) return undefined;
  const { cause, options } = problem;
  const why = cause instanceof Error ? cause.message : options.headers?.['www-authenticate'];
  return { event: options.event, why };
}

import { HttpException } from '@nestjs/common';
import type { ProblemError } from '@frontage/core';

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

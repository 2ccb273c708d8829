import type { OperationDescription } from '@frontage/contracts';

type NamedOperation = Pick<OperationDescription, 'id' | 'operationId' | 'path'>;

/**
 * `Charge*,/v1/customers/**`: patterns with a leading slash are for paths, the others for operation ids. `*` matches any text within a
 * segment of a path, `**` any text.
 */
export class OperationPatterns {
  readonly #matchers: readonly { readonly pattern: string; readonly fits: (operation: NamedOperation) => boolean }[];

  constructor(readonly patterns: readonly string[]) {
    this.#matchers = patterns.map((pattern) => {
      const isPath = pattern.startsWith('/');
      const expression = globExpression(pattern, isPath);
      return {
        pattern,
        fits: ({ id, operationId, path }) =>
          isPath
            ? expression.test(path)
            : expression.test(id) || (operationId !== undefined && expression.test(operationId)),
      };
    });
  }

  static parse(texts: readonly string[]): OperationPatterns {
    const patterns = texts.flatMap((text) => text.split(',')).map((pattern) => pattern.trim());
    return new OperationPatterns([...new Set(patterns)].filter((pattern) => pattern !== ''));
  }

  fits(operation: NamedOperation): boolean {
    return this.#matchers.some(({ fits }) => fits(operation));
  }

  /** Patterns that fit no operation, most likely because of a typing mistake. */
  unused(operations: readonly NamedOperation[]): string[] {
    return this.#matchers.filter(({ fits }) => !operations.some(fits)).map(({ pattern }) => pattern);
  }
}

function globExpression(pattern: string, isPath: boolean): RegExp {
  const source = pattern
    .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/(\/?)(\*+)/g, (_, slash: string, stars: string) => {
      if (!isPath) return `${slash}.*`;
      // `/v1/customers/**` includes `/v1/customers`.
      return stars.length > 1 ? (slash === '' ? '.*' : '(?:/.*)?') : `${slash}[^/]*`;
    });
  return new RegExp(`^${source}$`, 'u');
}

import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { ChainVerifier, type VerifiedLog } from '@frontage/core';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { linesText } from '../../terminal/terminal.js';

/** `frontage audit-log`: are the lines of an audit log those that were written? */
export function registerAuditLog(program: Command, context: CommandContext): void {
  program
    .command('audit-log')
    .description('Check that no line of an audit log was changed, removed or put in')
    .argument('<files...>', 'its files, the oldest first')
    .addHelpText(
      'after',
      '\nExit code 1 at the first line that does not fit.\n\nExample:\n  npx frontage audit-log audit.jsonl.1 audit.jsonl',
    )
    .action(async (files: readonly string[]) => {
      const { log, place } = await verify(files, context.cwd);
      const data = { ...log, ...(place && { file: place.file, fileLine: place.line }) };
      if (place !== undefined && log.broken !== undefined)
        throw new CheckFailed(`${place.file}:${place.line}: ${log.broken.reason}`, data);
      context.report({ text: textOf(log), data });
    });
}

interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

async function verify(
  files: readonly string[],
  cwd: string,
): Promise<{ readonly log: VerifiedLog; readonly place?: Place }> {
  const verifier = new ChainVerifier();
  for (const file of files) {
    const stream = createReadStream(resolve(cwd, file), 'utf8');
    let line = 0;
    try {
      // A line ends with a line feed alone: other characters may stand in a text.
      for await (const text of linesOf(stream)) {
        line += 1;
        if (!verifier.take(text)) return { log: verifier.result(), place: { file, line } };
      }
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
      throw new UsageError(`${file} cannot be read (${code})`);
    }
  }
  return { log: verifier.result() };
}

const linesOf = (stream: NodeJS.ReadableStream): AsyncIterable<string> =>
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });

function textOf({ lines, others, chains }: VerifiedLog): string {
  const noun = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
  return linesText([
    `${noun(lines, 'line')} fit${lines === 1 ? 's' : ''}, ${noun(chains.length, 'chain')}${others > 0 ? `, ${noun(others, 'other line')}` : ''}`,
    ...chains.map(
      ({ chain, firstSeq, lastSeq, lastHash }) => `  ${chain}  ${firstSeq} to ${lastSeq}  ends with ${lastHash}`,
    ),
    ...(chains.length > 0
      ? ['Lines that were cut off at the end change the last hash: compare it with one kept elsewhere.']
      : []),
  ]);
}

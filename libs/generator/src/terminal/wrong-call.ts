import { nearest } from '@frontage/core';
import type { Command, CommanderError } from 'commander';

/** The command that the words lead to: `upstream add` of `upstream add orders`. */
export function commandAt(program: Command, args: readonly string[]): Command {
  const next = program.commands.find((command) => command.name() === args[0]);
  return next === undefined ? program : commandAt(next, args.slice(1));
}

/** `upstream add`; empty for a program with commands. */
export function nameOf(command: Command): string {
  const parent = command.parent;
  if (parent === null) return command.commands.length === 0 ? command.name() : '';
  return parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

/** The mistake in a call, in the style of all other messages: what is wrong, and what was meant. */
export function wrongCallMessage(error: CommanderError, command: Command, args: readonly string[]): string {
  const unknown = unknownOption(command, args);
  // A misspelled option is the reason why a required one is missing.
  if (error.code === 'commander.missingMandatoryOptionValue' && unknown !== undefined) return unknown;
  return error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?:one of )?([^?]+)\?\)$/, '; did you mean $1?');
}

function unknownOption(command: Command, args: readonly string[]): string | undefined {
  const known = command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []));
  const found = args
    .filter((arg) => /^--[^=]/.test(arg))
    .map((arg) => arg.split('=')[0] ?? arg)
    .find((arg) => !known.includes(arg) && arg !== '--help');
  if (found === undefined) return undefined;
  const near = nearest(found, known);
  return `unknown option '${found}'${near === undefined ? '' : `; did you mean ${near}?`}`;
}

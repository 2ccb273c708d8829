import type { Command, Option } from 'commander';
import { namesOf, type NameKind } from './workspace-names.js';

/** Arguments with names of the workspace, by the words of the command and the name of the argument. */
const argumentKinds: ReadonlyMap<string, NameKind> = new Map([
  ['upstream update names', 'upstream'],
  ['upstream remove name', 'upstream'],
  ['completion shell', 'shell'],
  ['plan endpoint', 'endpoint'],
  ['why endpoint', 'endpoint'],
  ['load endpoint', 'endpoint'],
  ['impact upstream', 'upstream'],
  ['contract upstream', 'upstream'],
]);

/** The same for every command. */
const kinds: ReadonlyMap<string, NameKind> = new Map([
  ['app', 'app'],
  ['apps', 'app'],
  ['bff', 'app'],
  ['bff/screen', 'screen'],
  ['--app', 'app'],
  ['--client', 'client'],
  ['--upstreams', 'upstream'],
  ['--real', 'address'],
  ['--calls', 'operation'],
  ['--optional', 'operation'],
  ['--user', 'user'],
]);

interface Position {
  readonly command: Command;
  readonly words: string;
  readonly values: readonly string[];
  readonly used: ReadonlySet<string>;
  /** The option whose value comes next. */
  readonly option: Option | undefined;
}

/**
 * The words that can stand in the place of the last one.
 * @param words behind `frontage`; the last one is the word under the cursor, perhaps empty
 * @returns lines for the scripts of the shells; none where a file is expected
 */
export async function completions(program: Command, words: readonly string[], cwd: string): Promise<string[]> {
  // Bash gives `--app=tv` as three words.
  const kept = words.filter((word, index) => word !== '=' || index === words.length - 1);
  const current = (kept.at(-1) ?? '').replace(/^=$/, '');
  const at = positionOf(program, kept.slice(0, -1));
  const assigned = /^(--[^=]+=)(.*)$/.exec(current);
  if (assigned !== null) {
    const [, flag = '', value = ''] = assigned;
    const found = await valuesOf(kinds.get(flag.slice(0, -1)), at, value, cwd);
    return found.map((one) => flag + one);
  }
  if (at.option !== undefined && !current.startsWith('-'))
    return valuesOf(kinds.get(at.option.long ?? ''), at, current, cwd);
  if (current.startsWith('-')) return starting(optionsOf(at), current);
  if (at.command.commands.length > 0) return at.values.length > 0 ? [] : starting(commandsOf(at.command), current);
  const { registeredArguments } = at.command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[at.values.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return [];
  const name = argument.name();
  return valuesOf(argumentKinds.get(`${at.words} ${name}`) ?? kinds.get(name), at, current, cwd);
}

function positionOf(program: Command, words: readonly string[]): Position {
  let command = program;
  let option: Option | undefined;
  const path: string[] = [];
  const values: string[] = [];
  const used = new Set<string>();
  for (const word of words) {
    if (word.startsWith('--')) {
      const [flag = ''] = word.split('=');
      used.add(flag);
      const found = command.options.find(({ long }) => long === flag);
      const takesValue = found !== undefined && (found.required || found.optional) && !word.includes('=');
      option = takesValue ? found : undefined;
      continue;
    }
    if (option !== undefined) {
      if (!option.variadic) option = undefined;
      continue;
    }
    const sub = values.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    if (sub === undefined) values.push(word);
    else {
      command = sub;
      path.push(word);
    }
  }
  return { command, words: path.join(' '), values, used, option };
}

const optionsOf = ({ command, used }: Position): string[] =>
  [...command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : [])), '--help'].filter(
    // These may be given more than once.
    (flag) => !used.has(flag) || kinds.get(flag) === 'address' || kinds.get(flag) === 'operation',
  );

const commandsOf = (command: Command): string[] =>
  command.commands.map((one) => one.name()).filter((name) => !name.startsWith('_'));

const starting = (names: readonly string[], start: string): string[] => names.filter((name) => name.startsWith(start));

async function valuesOf(kind: NameKind | undefined, at: Position, current: string, cwd: string): Promise<string[]> {
  if (kind === undefined) return [];
  const names = await namesOf(kind, cwd, at.values);
  // A list has commas: its last member is completed.
  const isList = kind === 'operation' || (kind === 'upstream' && at.option !== undefined);
  const comma = isList ? current.lastIndexOf(',') + 1 : 0;
  const [before, start] = [current.slice(0, comma), current.slice(comma)];
  const given: ReadonlySet<string> = new Set(before.split(','));
  return starting(names, start)
    .filter((name) => !given.has(name))
    .map((name) => before + name);
}

import { exampleSize } from '@frontage/contracts/response-examples';
import { diffComm } from 'node-diff3';
import { commentText, showInvisible } from '../codegen/source-text.js';
import { linesText } from '../terminal/terminal.js';
import type { FigureChange, ScenarioChange, ScreenPreview } from './app-preview.js';

/** The previews of one app. */
export interface PreviewedApp {
  readonly app: string;
  readonly screens: readonly ScreenPreview[];
}

/** One Markdown text for a pull request. @param base the revision, as the user named it */
export function previewMarkdown(base: string, apps: readonly PreviewedApp[]): string {
  return linesText([`## Screens, compared with ${words(base)}`, ...apps.flatMap(appLines)]);
}

function appLines({ app, screens }: PreviewedApp): string[] {
  const changed = screens.filter(({ state }) => state !== 'same');
  const same = screens.length - changed.length;
  const rest = same === 0 ? [] : ['', `${same} ${same === 1 ? 'screen is' : 'screens are'} the same.`];
  if (changed.length === 0) return ['', `### ${app}`, ...rest];
  return [
    '',
    `### ${app}`,
    '',
    '| screen | promise to clients | bytes | calls | critical path | waves |',
    '| --- | --- | --- | --- | --- | --- |',
    ...changed.map(row),
    ...rest,
    ...changed.flatMap(details),
  ];
}

function row({ endpoint, state, figures, changes }: ScreenPreview): string {
  const breaking = changes.filter((one) => one.breaking).length;
  const verdict =
    state === 'new'
      ? 'new'
      : state === 'gone'
        ? '**gone**'
        : breaking > 0
          ? `**breaks clients** (${breaking})`
          : changes.length > 0
            ? 'compatible'
            : 'the same';
  const cells = [...figures].map(([name, change]) => figureText(change, name === 'criticalPathMs' ? ' ms' : ''));
  return `| ${code(endpoint)} | ${verdict} | ${cells.join(' | ')} |`;
}

function figureText({ before, after }: FigureChange, unit: string): string {
  const text = (value: number | undefined): string => (value === undefined ? '?' : `${value}${unit}`);
  if (before === after) return before === undefined ? '' : text(before);
  if (before === undefined) return text(after);
  if (after === undefined) return `~~${text(before)}~~`;
  return `${text(before)} → ${after > before ? '**' : ''}${text(after)}${after > before ? '**' : ''}`;
}

function details({ endpoint, changes, scenarios }: ScreenPreview): string[] {
  const list = changes.map(({ text }) => `- ${words(text.replace(`${endpoint}: `, ''))}`);
  if (list.length === 0 && scenarios.length === 0) return [];
  return ['', `#### ${code(endpoint)}`, ...(list.length > 0 ? ['', ...list] : []), ...scenarios.flatMap(scenarioLines)];
}

function scenarioLines({ scenario, before, after }: ScenarioChange): string[] {
  const body = diffText(linesOf(before), linesOf(after));
  // A fence longer than every one in the text.
  const longest = Math.max(2, ...(body.join('\n').match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [
    '',
    `<details><summary>${scenario}${growth(before, after)}</summary>`,
    '',
    `${fence}diff`,
    ...body,
    fence,
    '',
    '</details>',
  ];
}

/** The members that grew, the most first. */
function growth(before: unknown, after: unknown): string {
  if (before === undefined || after === undefined) return '';
  const known = new Map(exampleSize(before).members.map(({ member, bytes }) => [member, bytes]));
  const grown = exampleSize(after).members.flatMap(({ member, bytes }) => {
    const more = bytes - (known.get(member) ?? 0);
    return more > 0 ? [{ member, more }] : [];
  });
  const text = grown
    .toSorted((one, other) => other.more - one.more)
    .map(({ member, more }) => `${commentText(member)} +${more} bytes`);
  return text.length === 0 ? '' : `: ${text.join(', ').replaceAll('<', '&lt;')}`;
}

const linesOf = (value: unknown): string[] =>
  value === undefined ? [] : showInvisible(JSON.stringify(value, null, 2)).split('\n');

/** Lines of the same around a change that are shown. */
const around = 3;

function diffText(before: string[], after: string[]): string[] {
  const lines = diffComm(before, after).flatMap((block) => {
    if ('common' in block && block.common !== undefined) return block.common.map((line) => ` ${line}`);
    const [gone = [], added = []] = 'buffer1' in block ? [block.buffer1, block.buffer2] : [];
    return [...gone.map((line) => `-${line}`), ...added.map((line) => `+${line}`)];
  });
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - around), at + around + 1).some((line) => !line.startsWith(' '));
  return lines.flatMap((line, at) => {
    if (isNear(at)) return [line];
    return at === 0 || isNear(at - 1) ? [' ...'] : [];
  });
}

/** A text of a contract as words, and not as Markdown or HTML. */
const words = (text: string): string => commentText(text).replaceAll(/[\\`*_~<>|[\]]/g, String.raw`\$&`);

const code = (text: string): string => `\`${commentText(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;

import { literal, quote } from '../../codegen/source-text.js';
import { camel } from '../planner/names.js';
import type { PlannedScreen } from '../planner/planned-screen.js';
import { key } from '../planner/member-text.js';
import { sampleUser, type ScreenSamples } from '../planner/screen-samples.js';
import { readsCaller } from './screen-text.js';

/** `<screen>.spec.ts`: the screen without sockets, with responses that the contracts allow. */
export function specText(screen: PlannedScreen, samples: ScreenSamples): string {
  const { name, parts, inputs } = screen;
  const word = camel(name);
  const groups = inputs.map(({ group }) => {
    if (group === 'body') return `body: ${literal(bodyOf(samples))}`;
    const values = (samples.inputs.get(group) ?? []).map((one) => [one.name, one.value] as const);
    return `${group}: ${literal(Object.fromEntries(values))}`;
  });
  const input = [...(readsCaller(screen) ? [`caller: { subject: '${sampleUser}' }`] : []), ...groups];
  const replies = parts.map((part) => {
    const value = part.shape.kind === 'nothing' ? undefined : samples.response(part);
    return `${part.name}: reply(${value === undefined ? 'undefined' : literal(value)}),`;
  });
  const needed = parts.filter(({ verb }) => verb !== 'optional');
  const dispensable = parts.filter(({ verb, shape }) => verb === 'optional' && shape.kind !== 'nothing');
  const members = parts.filter(({ shape }) => shape.kind !== 'nothing').map((part) => part.member);
  const shown = members.length === 0 ? ['done'] : members;
  return `import { ${needed.length + dispensable.length === 0 ? '' : 'failure, '}reply, runScreen } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { ${word}Screen } from './${name}.screen.js';

const input = { ${input.join(', ')} };
// Responses that the contracts allow: write the values that matter.
const replies = { ${replies.join('\n')} };

describe('the screen ${name}', () => {
  it('shows a member for each of its parts', async () => {
    const run = await runScreen(${word}Screen, input, replies);
    if (run.kind !== 'complete') expect.fail(JSON.stringify(run));
    expect(Object.keys(JSON.parse(run.body))).toEqual([${shown.map(quote).join(', ')}]);
  });
${
  needed.length === 0
    ? ''
    : `
  it.each([${needed.map((part) => `'${part.name}'`).join(', ')}])('is a problem without %s', async (part) => {
    const run = await runScreen(${word}Screen, input, { ...replies, [part]: failure(503) });
    expect(run).toMatchObject({ kind: 'problem', part });
  });
`
}${dispensable
    .map(
      (part) => `
  it('comes without ${part.name}, and names it', async () => {
    const run = await runScreen(${word}Screen, input, { ...replies, ${part.name}: failure(503) });
    if (run.kind !== 'partial') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toMatchObject({ ${key(part.member)}: null, _parts: { ${part.name}: { source: 'none' } } });
  });
`,
    )
    .join('')}});
`;
}

/** The files of a form are words here: the screen passes them on. */
function bodyOf({ body, form }: ScreenSamples): unknown {
  if (form === undefined) return body;
  const files = form.files.map(({ name, fileName }) => [name, `the bytes of ${fileName}`] as const);
  return { ...Object(body), ...Object.fromEntries(files) };
}

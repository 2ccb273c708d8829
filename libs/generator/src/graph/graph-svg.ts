import type { Graph, GraphApp } from './graph.js';

const row = 24;
const head = 34;
const gap = 26;
const margin = 24;
/** Pixels of a character of a bold sans-serif font at 13 pixels, rounded up. */
const perCharacter = 8.8;
const boxHeight = 44;
/** Free space between the columns, for the curves. */
const between = 300;

/** Colours of BFFs: dark enough for lines on white, and told apart without red and green. */
const colours = ['#0b62a4', '#b3541e', '#5b3f8c', '#00796b', '#8a6d00', '#9c2459'];

interface PlacedRow {
  readonly label: string;
  readonly y: number;
  readonly calls: ReadonlyMap<string, boolean>;
}
interface PlacedApp extends Omit<GraphApp, 'endpoints'> {
  readonly y: number;
  readonly height: number;
  readonly colour: string;
  readonly rows: readonly PlacedRow[];
}

/** A picture of all BFFs (left) and upstreams (right): solid curves for calls that an endpoint needs, dashed ones for optional calls. */
export function graphSvg({ apps, upstreams }: Graph): string {
  const placed = placedApps(apps);
  const left = widthOf([...apps.flatMap(({ endpoints }) => endpoints.map(({ label }) => label)), ...apps.map(titleOf)]);
  const right = widthOf(upstreams.flatMap(({ name, owners }) => [name, owners.join(', ')]));
  const appsHeight = placed.reduce((end, { y, height }) => Math.max(end, y + height), margin);
  const total = Math.max(appsHeight, margin + upstreams.length * (boxHeight + 16) - 16) + margin;
  const step = upstreams.length === 0 ? 0 : (total - 2 * margin) / upstreams.length;
  const x = margin + left + between;
  // A service stands near the middle of the endpoints that call it, so that fewer curves cross.
  const meanOf = (name: string): number => {
    const callers = placed.flatMap(({ rows }) => rows.filter(({ calls }) => calls.has(name)).map(({ y }) => y));
    return callers.reduce((sum, y) => sum + y, 0) / Math.max(1, callers.length);
  };
  const ordered = upstreams.toSorted((one, other) => meanOf(one.name) - meanOf(other.name));
  const middles = new Map(ordered.map(({ name }, at) => [name, Math.round(margin + step * at + step / 2)]));
  const curves = placed.flatMap(({ rows, colour }) =>
    rows.flatMap(({ y, calls }) =>
      [...calls].map(([name, isOptional]) => curve(margin + left, y, x, middles.get(name) ?? y, colour, isOptional)),
    ),
  );
  const boxes = ordered.map(({ name, owners }) =>
    upstreamBox(x, middles.get(name) ?? 0, right, name, owners.join(', ')),
  );
  const width = x + right + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    '<title>BFFs, their endpoints, and the services that they call</title>',
    `<rect width="${width}" height="${total}" fill="#ffffff"/>`,
    ...curves,
    ...placed.map((app) => appBox(app, left)),
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

const titleOf = ({ name, owner }: Pick<GraphApp, 'name' | 'owner'>): string =>
  owner === undefined ? name : `${name}  ${owner}`;

const widthOf = (texts: readonly string[]): number =>
  Math.ceil(Math.max(80, ...texts.map((text) => text.length * perCharacter)) + 28);

function placedApps(apps: readonly GraphApp[]): readonly PlacedApp[] {
  let y = margin;
  return apps.map(({ endpoints, ...app }, at) => {
    const top = y;
    const height = head + endpoints.length * row + 8;
    y += height + gap;
    const rows = endpoints.map(({ label, calls }, line) => ({ label, calls, y: top + head + line * row + row / 2 }));
    return { ...app, y: top, height, rows, colour: colours[at % colours.length] ?? '#333333' };
  });
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function appBox({ name, owner, y, height, rows, colour }: PlacedApp, width: number): string {
  const team = owner === undefined ? '' : `<tspan dx="10" font-weight="400">${escaped(owner)}</tspan>`;
  return [
    `<rect x="${margin}" y="${y}" width="${width}" height="${height}" rx="8" fill="#f7f8fa" stroke="${colour}" stroke-width="1.5"/>`,
    `<text x="${margin + 12}" y="${y + 22}" font-weight="700" fill="${colour}">${escaped(name)}${team}</text>`,
    ...rows.map((one) => `<text x="${margin + 12}" y="${one.y + 4}" fill="#1c2430">${escaped(one.label)}</text>`),
  ].join('\n');
}

function upstreamBox(x: number, middle: number, width: number, name: string, owner: string): string {
  const y = middle - boxHeight / 2;
  const nameY = owner === '' ? middle + 5 : middle - 3;
  const team =
    owner === ''
      ? ''
      : `\n<text x="${x + 14}" y="${middle + 14}" font-size="12" fill="#56606e">${escaped(owner)}</text>`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${boxHeight}" rx="22" fill="#ffffff" stroke="#56606e"/>\n<text x="${x + 14}" y="${nameY}" font-weight="600" fill="#1c2430">${escaped(name)}</text>${team}`;
}

function curve(fromX: number, fromY: number, toX: number, toY: number, colour: string, isDashed: boolean): string {
  const bend = (toX - fromX) / 2;
  const dash = isDashed ? ' stroke-dasharray="5 4"' : '';
  return `<path d="M${fromX} ${fromY} C${fromX + bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}" fill="none" stroke="${colour}" stroke-opacity="0.65" stroke-width="1.4"${dash}/>`;
}

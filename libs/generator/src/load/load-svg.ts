import type { LoadReport } from './load-text.js';

const width = 720;
const height = 400;
const left = 64;
const right = 24;
const top = 56;
const bottom = 52;

/** A chart of the times by rate, with the deadline: both axes are logarithmic. It is read in light and in dark, and by screen readers. */
export function loadSvg({ name, deadlineMs, steps, capacity }: LoadReport): string {
  const sorted = [...steps].toSorted((one, other) => one.rate - other.rate);
  const rates = sorted.map(({ rate }) => rate);
  const times = sorted.flatMap(({ result }) => [result.p50Ms, result.p99Ms]);
  const x = scale(Math.min(...rates), Math.max(...rates), left, width - right);
  const y = scale(
    Math.max(0.1, Math.min(...times, deadlineMs)),
    Math.max(...times, deadlineMs) * 1.2,
    height - bottom,
    top,
  );
  const points = (of: 'p50Ms' | 'p99Ms'): string =>
    sorted.map(({ rate, result }) => `${x(rate).toFixed(1)},${y(Math.max(0.1, result[of])).toFixed(1)}`).join(' ');
  const description = sorted
    .map(
      ({ rate, result }) =>
        `${rate} requests/s: p50 ${Math.round(result.p50Ms)} ms, p99 ${Math.round(result.p99Ms)} ms`,
    )
    .join('; ');
  const label = (text: string, at: number, across: number, anchor = 'middle'): string =>
    `<text x="${at.toFixed(1)}" y="${across.toFixed(1)}" text-anchor="${anchor}">${escaped(text)}</text>`;
  const [first] = sorted;
  const deadline = y(deadlineMs).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui, sans-serif" font-size="13">`,
    `<title id="title">${escaped(`Response times of ${name} by rate`)}</title>`,
    `<desc id="description">${escaped(`${description}. Deadline ${deadlineMs} ms.${capacity === undefined ? '' : ` Capacity ${capacity} requests/s.`}`)}</desc>`,
    '<style>svg{--back:#fff;--text:#1b1f24;--axis:#6b7280;--p50:#0b62a4;--p99:#b3541e;--limit:#5b3f8c}@media(prefers-color-scheme:dark){svg{--back:#15181c;--text:#e6e8eb;--axis:#9aa2ad;--p50:#6cb6f5;--p99:#f0a070;--limit:#b9a2ea}}text{fill:var(--text)}polyline,line{fill:none;stroke-width:2}</style>',
    `<rect width="${width}" height="${height}" fill="var(--back)"/>`,
    `<text x="${left}" y="28" font-weight="600">${escaped(name)}</text>`,
    `<line x1="${left}" y1="${height - bottom}" x2="${width - right}" y2="${height - bottom}" stroke="var(--axis)"/>`,
    `<line x1="${left}" y1="${top}" x2="${left}" y2="${height - bottom}" stroke="var(--axis)"/>`,
    ...apart(rates, x).map((rate) => label(String(rate), x(rate), height - bottom + 18)),
    label('requests/s', (left + width - right) / 2, height - 12),
    ...decades(y, times, deadlineMs).map(([value, at]) => label(`${value} ms`, left - 8, at + 4, 'end')),
    `<line x1="${left}" y1="${deadline}" x2="${width - right}" y2="${deadline}" stroke="var(--limit)" stroke-dasharray="2 4"/>`,
    label(`deadline ${deadlineMs} ms`, left + 8, Number(deadline) - 6, 'start'),
    // Told apart by their dashes as well as by their colours.
    `<polyline points="${points('p50Ms')}" stroke="var(--p50)"/>`,
    `<polyline points="${points('p99Ms')}" stroke="var(--p99)" stroke-dasharray="8 4"/>`,
    ...(first === undefined
      ? []
      : [
          label('p50', x(first.rate) + 8, y(Math.max(0.1, first.result.p50Ms)) - 8, 'start'),
          label('p99', x(first.rate) + 8, y(Math.max(0.1, first.result.p99Ms)) - 8, 'start'),
        ]),
    ...(capacity === undefined
      ? []
      : [
          `<line x1="${x(capacity).toFixed(1)}" y1="${top}" x2="${x(capacity).toFixed(1)}" y2="${height - bottom}" stroke="var(--axis)" stroke-dasharray="4 4"/>`,
          label(`capacity ${capacity}`, x(capacity), top - 8, x(capacity) > width / 2 ? 'end' : 'start'),
        ]),
    '</svg>',
    '',
  ].join('\n');
}

/** The rates whose figures have room beside those before them. */
function apart(rates: readonly number[], x: (rate: number) => number): readonly number[] {
  const shown: number[] = [];
  for (const rate of rates) {
    const last = shown.at(-1);
    if (last === undefined || x(rate) - x(last) >= 40) shown.push(rate);
  }
  return shown;
}

/** A place on a logarithmic axis. */
function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const span = Math.log(to / from);
  return (value) => (span === 0 ? (start + end) / 2 : start + ((end - start) * Math.log(value / from)) / span);
}

/** The powers of ten between the smallest and the largest time. */
function decades(
  y: (ms: number) => number,
  times: readonly number[],
  deadlineMs: number,
): (readonly [number, number])[] {
  const all = [0.1, 1, 10, 100, 1_000, 10_000];
  const least = Math.min(...times, deadlineMs);
  const most = Math.max(...times, deadlineMs) * 1.2;
  return all.filter((value) => value >= least && value <= most).map((value) => [value, y(value)] as const);
}

const escaped = (text: string): string =>
  text.replaceAll(/[<>&"]/g, (char) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[char] ?? '');

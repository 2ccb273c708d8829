import { cpus } from 'node:os';
import { linesText } from '../terminal/terminal.js';
import type { LoadStep } from './load-step.js';
import type { Saturation } from './saturation.js';

/** The result of a load test. */
export interface LoadReport {
  /** `mobile GET /home` */
  readonly name: string;
  readonly deadlineMs: number;
  /** As they were given: `orders 80 ms`. */
  readonly declared: readonly string[];
  readonly steps: readonly LoadStep[];
  /** Requests per second that are borne; absent where a rate was given, or not even the first one was borne. */
  readonly capacity?: number;
  /** The capacity lies below this rate; absent where the search ended before. */
  readonly below?: number;
  readonly saturation?: Saturation;
  /** By part: the operation that it calls. */
  readonly parts: ReadonlyMap<string, string>;
}

/** A table of the rates that were tried, the bound, and the cost of each part. */
export function loadText(report: LoadReport): string {
  const { name, deadlineMs, declared, steps, saturation } = report;
  const [base] = steps;
  const rows = [
    ['requests/s', 'good', 'partial', 'p50 ms', 'p99 ms', 'BFF CPU', 'loop ms', 'machine'],
    ...[...steps]
      .toSorted((one, other) => one.rate - other.rate)
      .map(({ rate, result, app, machine }) => [
        String(rate),
        percent(result.good / result.requests),
        percent(result.partial / result.requests),
        ms(result.p50Ms),
        ms(result.p99Ms),
        percent(app.cpu),
        ms(app.loopDelayMs),
        percent(machine),
      ]),
  ];
  const parts = base === undefined ? [] : partRows(report, base);
  return linesText([
    `${name}, deadline ${deadlineMs} ms, sandbox${declared.length === 0 ? '' : ` with ${declared.join(', ')}`}`,
    '',
    ...tableLines(rows),
    '',
    ...capacityLines(report),
    ...(saturation === undefined ? [] : [`bound      ${saturation.text}`]),
    ...(base === undefined
      ? []
      : [`CPU        ${base.app.cpuMs.toFixed(1)} ms of the BFF for one request at ${base.rate} requests/s`]),
    `machine    ${cpus().length} cores, shared by the BFF, the sandbox, the load generator and all else that runs here`,
    '',
    ...(parts.length > 1 ? tableLines(parts) : []),
  ]);
}

function capacityLines({ capacity, below, steps }: LoadReport): string[] {
  if (capacity !== undefined)
    return [
      `capacity   ${capacity} requests/s${below === undefined ? ' or more' : `, below ${below}`}: 99 of 100 get a good response within the deadline`,
    ];
  return below === undefined ? [] : [`capacity   less than ${steps[0]?.rate ?? 0} requests/s`];
}

function partRows({ parts }: LoadReport, base: LoadStep): string[][] {
  const rows = [...parts].map(([part, operation]) => {
    const cost = base.app.operations.get(operation);
    return cost === undefined
      ? [part, operation, '0', '', '', '']
      : [part, operation, cost.callsPerRequest.toFixed(1), ms(cost.p50Ms), ms(cost.p99Ms), percent(cost.failed)];
  });
  return [['part', 'operation', 'calls', 'p50 ms', 'p99 ms', 'failed'], ...rows];
}

function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number): boolean => rows[0]?.[column] === 'part' || rows[0]?.[column] === 'operation';
  return rows.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 1 : 0) : '> 10 s');

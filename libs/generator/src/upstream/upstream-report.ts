import {
  formatLocation,
  type ContractDocument,
  type ContractWarning,
  type RefusedOperation,
} from '@frontage/contracts';

export interface ReportOptions {
  /** Every warning on a line of its own. */
  readonly isVerbose: boolean;
  /** Number of operations that `--only` leaves out. */
  readonly leftOut: number;
}

/** The counts of one upstream, refused operations by name, warnings by kind, so that many of one kind do not hide another kind. */
export function upstreamReport(name: string, contract: ContractDocument, options: ReportOptions): string[] {
  const { operations, refused, warnings } = contract;
  const { leftOut, isVerbose } = options;
  const total = operations.length + refused.length + leftOut;
  const parts = [
    `${operations.length} generated`,
    `${refused.length} refused`,
    ...(leftOut === 0 ? [] : [`${leftOut} left out by --only`]),
  ];
  const warned = warnings.length === 0 ? '' : `; ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  const lines = [`${name}: ${contract.title} ${contract.version}, ${total} operations = ${parts.join(' + ')}${warned}`];
  for (const each of refused)
    lines.push(`  refused ${each.method} ${each.path}`, `    ${formatLocation(each)}: ${each.reason}`);
  for (const [rule, group] of Map.groupBy(warnings, (warning) => warning.rule)) {
    const shown = isVerbose ? group : group.slice(0, 1);
    const more = group.length - shown.length;
    for (const warning of shown)
      lines.push(
        `  warning ${formatLocation(warning)}: ${warning.message}${more === 0 ? '' : ` (and ${more} more of ${rule}: --verbose)`}`,
      );
  }
  return lines;
}

/** One upstream in the JSON object of a command. */
export interface UpstreamSummary {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly operations: readonly string[];
  readonly refused: readonly RefusedOperation[];
  readonly leftOut: number;
  readonly warnings: readonly ContractWarning[];
  readonly changes?: readonly string[];
  readonly note?: string;
}

export function upstreamSummary(
  name: string,
  { contract, leftOut }: { readonly contract: ContractDocument; readonly leftOut: number },
): UpstreamSummary {
  const { title, version, refused, warnings } = contract;
  return { name, title, version, operations: contract.operations.map(({ id }) => id), refused, leftOut, warnings };
}

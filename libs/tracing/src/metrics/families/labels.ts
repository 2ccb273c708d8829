import { redact } from '@frontage/core';

/** The labels of one series. Made once per series, not on scrape. */
export interface LabelSet {
  /** As text formats have them, without braces: `a="1",b="2"`. */
  readonly text: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

export const noLabels: LabelSet = { text: '', pairs: [] };

/** Labels with their values, without secrets. An empty value is none, and leaves its label out. */
export function labelSet(pairs: readonly (readonly [name: string, value: string])[]): LabelSet {
  const kept = pairs.filter(([, value]) => value !== '').map(([name, value]) => [name, redact(value)] as const);
  return { text: kept.map(([name, value]) => `${name}="${escaped(value)}"`).join(','), pairs: kept };
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

import type { AppDescription } from '@frontage/gateway';
import { accessText } from './route-table.js';

/** The origins in the description of a screen, as far as the table needs them. */
interface Origins {
  readonly origins: readonly {
    readonly member: string;
    readonly classification?: string;
    readonly from: readonly { readonly upstream: string; readonly operation: string; readonly field: string }[];
  }[];
}

/**
 * Every classified member that leaves by this app, with the access rule of its route, as Markdown to commit: a reviewer sees a new one.
 */
export function egressTable(description: AppDescription): string {
  const rows = description.endpoints.flatMap(({ method, path, access, screen }) =>
    (screen === undefined ? [] : (screen as Origins).origins).flatMap(({ member, classification, from }) => {
      if (classification === undefined) return [];
      const fields = new Set(from.map(({ upstream, operation, field }) => `${upstream}.${operation} ${field}`));
      return [[`${method} ${path}`, accessText(access), member, classification, [...fields].join(', ')]];
    }),
  );
  const head = `# Classified members that leave by ${description.bff}\n\n`;
  if (rows.length === 0) return `${head}None.\n`;
  const lines = [
    ['route', 'access', 'member', 'classification', 'from'],
    Array.from({ length: 5 }, () => '---'),
    ...rows,
  ];
  return `${head}${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}`;
}

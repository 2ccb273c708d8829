import { ruleText } from '../plan/access-text.js';
import type { EndpointDescription } from '../plan/app-description.js';
import { linesText } from '../terminal/terminal.js';
import type { DescribedApp } from '../usage/described-apps.js';

/** A classified member that leaves by one client under one scope. */
export interface EgressRow {
  readonly bff: string;
  /** `GET /home` */
  readonly endpoint: string;
  /** `scope home:read`, `public` */
  readonly access: string;
  readonly member: string;
  readonly classification: string;
  /** `users.getUser name` */
  readonly fields: readonly string[];
  readonly owners: readonly string[];
}

/** @param wanted only members of this classification; undefined for all */
export function egressRows({ app }: DescribedApp, wanted?: string): readonly EgressRow[] {
  return app.endpoints.flatMap((endpoint) =>
    (endpoint.screen?.origins ?? []).flatMap(({ member, classification, from }): EgressRow[] => {
      if (classification === undefined) return [];
      if (wanted !== undefined && !classification.split(', ').includes(wanted)) return [];
      const fields = new Set(from.map(({ upstream, operation, field }) => `${upstream}.${operation} ${field}`));
      const owners = new Set(from.flatMap(({ part }) => endpoint.screen?.parts[part]?.owner ?? []));
      const place = `${endpoint.method} ${endpoint.path}`;
      return [
        {
          bff: app.bff,
          endpoint: place,
          access: accessOf(endpoint),
          member,
          classification,
          fields: [...fields],
          owners: [...owners],
        },
      ];
    }),
  );
}

const accessOf = ({ access }: EndpointDescription): string =>
  access === 'public' ? 'public' : ruleText(access) || 'any caller with a token';

/** A block per endpoint: its access rule, and a line per member. */
export function egressText(rows: readonly EgressRow[]): string {
  if (rows.length === 0) return 'no classified member leaves by any of these apps\n';
  const blocks = [...Map.groupBy(rows, ({ bff, endpoint, access }) => `${bff}  ${endpoint}  ${access}`)].map(
    ([head, ofEndpoint]) => {
      const cells = ofEndpoint.map(({ member, classification, fields, owners }) => [
        member,
        classification,
        fields.join(', '),
        owners.join(', '),
      ]);
      const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
      return linesText([
        head,
        ...cells.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd()),
      ]);
    },
  );
  return blocks.join('\n');
}

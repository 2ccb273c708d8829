import { ownVersion } from '../workspace/layout.js';
import type { LocatedFinding } from './audit.js';
import { rules } from './finding.js';

/** The findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code hosts show beside a change. */
export function sarifLog(findings: readonly LocatedFinding[]): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'frontage audit',
            version: ownVersion(),
            rules: Object.entries(rules).map(([id, reason]) => ({ id, shortDescription: { text: reason } })),
          },
        },
        results: findings.map(({ rule, level, message, fix, file, line }) => ({
          ruleId: rule,
          level,
          message: { text: `${message}. ${fix}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: file },
                ...(line !== undefined && { region: { startLine: line } }),
              },
            },
          ],
        })),
      },
    ],
  };
}

import type { Incident, IncidentCall } from '@frontage/core';
import { commentText, quote } from '../codegen/source-text.js';

export interface IncidentSpec {
  /** With the examples for the calls that had no response. */
  readonly incident: Incident;
  /** `homeScreen` */
  readonly screen: string;
  /** `./home.screen.js` */
  readonly screenModule: string;
  /** `home.incident-3f9c2a10.json`, beside the test. */
  readonly file: string;
  /** `../../bff.yaml`, from the test. */
  readonly policy: string;
  /** Ms after which a call gets its response that had none. */
  readonly lateMs: (call: IncidentCall) => number;
}

/** The text of a test that fails as the request did. */
export function incidentSpecText(spec: IncidentSpec): string {
  const { incident, screen, screenModule, file, policy } = spec;
  const parts = [...new Set(incident.calls.map(({ part }) => part))];
  const replies = parts.map((part) => replyText(part, spec));
  const expected = expectationOf(incident);
  const place = commentText(`${incident.method} ${incident.route}`);
  return `import { ${expected.usesMissing ? 'missingIn, ' : ''}readIncident, runScreen } from '@frontage/testing';
import { expect, it } from 'vitest';
import { ${screen} } from ${quote(screenModule)};

// ${place}, ${commentText(incident.time)}: ${commentText(outcomeText(incident))}.
// \`npx frontage replay\` made this test, and it is yours now. Secrets, classified values and the caller have stand-ins; the policy is the
// one that the app has today.
const incident = readIncident(new URL(${quote(file)}, import.meta.url));

it(${quote(`${incident.method} ${incident.route} ${expected.name}, though the services respond as in this incident`)}, async () => {
  const run = await runScreen(
    ${screen},
    incident.input,
    {
${replies.join('\n')}
    },
    incident.policy(new URL(${quote(policy)}, import.meta.url)),
  );
  ${expected.text}
});
`;
}

function replyText(part: string, { incident, lateMs }: IncidentSpec): string {
  const calls = incident.calls.filter((call) => call.part === part);
  const late = calls.filter(({ response }) => response.kind === 'none');
  const afterMs = Math.max(0, ...late.map(lateMs));
  const lines = calls.slice(0, 5).map((call) => `// ${commentText(callText(call))}`);
  if (calls.length > lines.length) lines.push(`// and ${calls.length - lines.length} more`);
  const name = /^[A-Za-z_$][\w$]*$/.test(part) ? part : quote(part);
  const more = late.length === 0 ? '' : `, { afterMs: ${afterMs} }`;
  if (late.some(({ tookMs }) => tookMs > 0)) lines.push('// The time of the missing response is an assumption.');
  return [...lines, `${name}: incident.reply(${quote(part)}${more}),`].map((line) => `      ${line}`).join('\n');
}

/** `users.getUser: a response after 12 ms` */
function callText({ upstream, operation, tookMs, response }: IncidentCall): string {
  const name = `${upstream}.${operation}`;
  const took = `after ${Math.round(tookMs)} ms`;
  switch (response.kind) {
    case 'value':
      return `${name}: a response ${took}`;
    case 'failure': {
      const { status, detail } = response.failure;
      return `${name}: ${status}${detail === undefined ? '' : `, ${detail}`} ${took}`;
    }
    case 'none':
      return tookMs === 0 ? `${name}: was not called` : `${name}: no response within ${Math.round(tookMs)} ms`;
    case 'left_out':
      return `${name}: a response ${took}, which was not kept`;
  }
}

function outcomeText({ status, code, durationMs, missing }: Incident): string {
  const without = Object.entries(missing).map(([part, { status: reason }]) => `${part} (${reason})`);
  const parts = without.length === 0 ? '' : `, without ${without.join(', ')}`;
  return `${status}${code === undefined ? '' : ` ${code}`} after ${Math.round(durationMs)} ms${parts}`;
}

interface Expectation {
  readonly name: string;
  readonly text: string;
  readonly usesMissing: boolean;
}

/** The response that a person wants in the place of this one. */
function expectationOf({ because, missing, slowMs }: Incident): Expectation {
  if (because === 'slow')
    return {
      name: `takes less than ${slowMs} ms`,
      text: `expect(run.tookMs).toBeLessThan(${slowMs});`,
      usesMissing: false,
    };
  // Fallbacks were there already, and were not enough.
  if (because === 'partial' && Object.values(missing).every(({ source }) => source !== 'none'))
    return { name: 'needs no fallback', text: "expect(run.kind).toBe('complete');", usesMissing: false };
  return { name: 'lacks nothing', text: 'expect(missingIn(run)).toEqual([]);', usesMissing: true };
}

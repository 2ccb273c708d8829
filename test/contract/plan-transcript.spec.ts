import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGateway } from '@frontage/gateway';
import { planOutput, type AppDescription } from '@frontage/generator';
import { workspaceRoot } from '@frontage/testing';
import { expect, it } from 'vitest';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';

const page = join(workspaceRoot, 'docs/plan-command.md');

/** A command in a block of its own, and what it printed where the page has it already. */
const transcript = /```sh\n\$ npx frontage plan mobile(.*)\n```\n(?:\n```(?:text|mermaid)\n[^]*?\n```\n)?/g;

it('the page about `frontage plan` shows what the command prints (run with -u after a change)', async () => {
  const gateway = createGateway(MobileModule, { config: join(workspaceRoot, 'apps/mobile/bff.yaml'), env: {} });
  // A command reads JSON from another process.
  const app = JSON.parse(JSON.stringify(await gateway.describe())) as AppDescription;
  const before = await readFile(page, 'utf8');
  const after = before.replaceAll(transcript, (_, args: string) => {
    const words = args.split(' ').filter((word) => word !== '' && !word.startsWith('--'));
    const isDrawn = args.includes('--mermaid');
    const printed = planOutput(app, words, isDrawn ? { mermaid: true } : {});
    return `\`\`\`sh\n$ npx frontage plan mobile${args}\n\`\`\`\n\n\`\`\`${isDrawn ? 'mermaid' : 'text'}\n${printed}\`\`\`\n`;
  });
  expect(after.match(transcript)).toHaveLength(3);
  await expect(after).toMatchFileSnapshot(page);
});

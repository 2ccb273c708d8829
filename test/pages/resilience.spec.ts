import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@frontage/config';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, describe, expect, it } from 'vitest';

const page = readFileSync(join(workspaceRoot, 'docs/resilience.md'), 'utf8');
const policies = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

const folder = mkdtempSync(join(tmpdir(), 'resilience-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the page about resilience', () => {
  it('has policies', () => {
    expect(policies.length).toBeGreaterThan(0);
  });

  it.each(policies.map((text, index) => [index + 1, text] as const))(
    'shows a policy that is accepted (%i)',
    (index, text) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      const { upstreams } = loadConfig(file, { env: {} });
      expect(Object.keys(upstreams).length).toBeGreaterThan(0);
    },
  );
});

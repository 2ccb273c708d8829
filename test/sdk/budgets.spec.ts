import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig, type BudgetsConfig } from '@frontage/config';
import { createGateway } from '@frontage/gateway';
import { workspaceRoot } from '@frontage/testing';
import { expectWithinBudgets } from '@frontage/testing/screen-budgets';
import { expect, it } from 'vitest';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { codeOf } from './strict-project.js';

const document = pathToFileURL(join(workspaceRoot, 'apps/mobile/openapi.gen.json'));

it('the budgets of docs/budgets.md hold for the mobile app, and a tighter one names the calls that are too many', async () => {
  const [yaml = ''] = await codeOf('docs/budgets.md', 'yaml');
  const folder = await mkdtemp(join(tmpdir(), 'frontage-budgets-'));
  const file = join(folder, 'bff.yaml');
  await writeFile(file, `bff: mobile\nlisten: { port: 0 }\n${yaml}`);
  const { budgets } = loadConfig(file, { env: {} });
  await rm(folder, { recursive: true });
  const gateway = createGateway(MobileModule, { config: join(workspaceRoot, 'apps/mobile/bff.yaml'), env: {} });
  const { policy, ...description } = await gateway.describe();
  const under = (more: Partial<BudgetsConfig>) => ({ ...description, policy: { ...Object(policy), budgets: { ...budgets, ...more } } }); // prettier-ignore
  await expectWithinBudgets(under({}), document);
  await expect(expectWithinBudgets(under({ calls: 6 }), document)).rejects.toThrow(
    'mobile.home is above its budget:\n  calls: 7, at most 6: profile, recent, banners, suggested, parcels (for up to 3)',
  );
});

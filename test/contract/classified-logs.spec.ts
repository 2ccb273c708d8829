import { join } from 'node:path';
import { redact } from '@frontage/core';
import { createGateway } from '@frontage/gateway';
import { workspaceRoot } from '@frontage/testing';
import { expect, it } from 'vitest';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';

it('texts for logs and traces lose the values of members that the contracts of an app classify', async () => {
  const failure = 'bad_payload: {"recipient":"Ada Lovelace","country":"GB"}';
  expect(redact(failure)).toBe(failure);
  const gateway = createGateway(MobileModule, { config: join(workspaceRoot, 'apps/mobile/bff.yaml'), env: {} });
  await gateway.describe();
  expect(redact(failure)).toBe('bad_payload: {"recipient":"[redacted]","country":"GB"}');
});

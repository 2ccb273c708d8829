import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type OperationRequest, type Sandbox } from '@frontage/sandbox';
import { workspaceRoot } from '@frontage/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGateway } from '../../libs/gateway/src/create-gateway.js';
import { contract, upload } from '../../libs/gateway/src/fixtures/documents.js';
import { policyFile, policyText, specModule } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { DocumentController } from './upload-example.js';

/** The fixture as the document that it stands for. */
const document = {
  openapi: '3.1.0',
  info: { title: 'Documents', version: '1' },
  paths: {
    [upload.path]: {
      post: {
        operationId: upload.id,
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: { $ref: '#/components/schemas/Upload' },
              encoding: { image: { contentType: 'image/png, image/jpeg' } },
            },
          },
        },
        responses: {
          '200': {
            description: 'stored',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Stored' } } },
          },
        },
      },
    },
  },
  components: { schemas: { Upload: contract.schemas.get('Upload'), Stored: contract.schemas.get('Stored') } },
};

let sandbox: Sandbox;
let url: string;
let seen: OperationRequest | undefined;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'uploads-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const behaviours = {
    shop: {
      upload: (request: OperationRequest) => {
        seen = request;
        return { status: 200, body: { id: 'd-7' } };
      },
    },
  };
  sandbox = await createSandbox({ contracts: [{ upstream: 'shop', file }], behaviours });
  const gateway = createGateway(specModule({ controllers: [DocumentController] }), {
    config: policyFile(policyText({ policy: 'deadline: 60s\n' })),
    env: { SHOP_URL: `${sandbox.url}/shop` },
  });
  ({ url } = await gateway.start());
  return async () => {
    await gateway.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  };
});

describe('the example of a form with files', () => {
  it('stands in the page as it runs here', () => {
    const page = readFileSync(join(workspaceRoot, 'docs/inputs.md'), 'utf8');
    const code = readFileSync(join(import.meta.dirname, 'upload-example.ts'), 'utf8');
    expect(page).toContain(code.slice(code.indexOf('const uploadPlan')));
  });

  it.each(['/documents', '/documents/checked'])('is accepted by the sandbox at %s', async (path) => {
    const form = new FormData();
    form.append('title', 'Offer');
    form.append('count', '3');
    form.append('file', new File(['%PDF'], 'offer.pdf', { type: 'application/pdf' }));
    const response = await fetch(url + path, { method: 'POST', body: form });
    expect([response.status, await response.json()]).toEqual([201, { id: 'd-7' }]);
    expect(seen?.body).toEqual({ title: 'Offer', count: 3, file: '%PDF' });
  });
});

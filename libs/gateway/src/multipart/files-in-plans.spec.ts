import { Body, Controller, Post } from '@nestjs/common';
import { inputOf, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../create-gateway.js';
import { find, put, upload } from '../fixtures/documents.js';
import { deadlineMs, Documents, formPolicy } from '../fixtures/forms-under-test.js';
import { policyFile, specModule } from '../fixtures/gateway-under-test.js';
import { Screen } from '../screens/screen.decorator.js';

describe('a plan with files', () => {
  const boot = (made: Parameters<typeof Screen>[0]) => {
    @Public()
    @Controller()
    class Wrong {
      @Post('wrong')
      @Screen(made)
      wrong(@Body() body: unknown) {
        return { body };
      }
    }
    return createGateway(specModule({ controllers: [Wrong] }), {
      config: policyFile(formPolicy),
      env: { SHOP_URL: 'http://127.0.0.1:9' },
    }).start();
  };
  const input = { body: inputOf(upload) };

  it('sends each of them once, in a write', async () => {
    const twice = plan('spec.twice', { input, deadlineMs }, ({ body }) => ({
      one: write(upload, { body: { title: body.title, file: body.file } }),
      two: write(put, { body: body.file }),
    }));
    await expect(boot(screen(twice, () => ({})))).rejects.toThrow('one and two at');
    const read = plan('spec.read', { input, deadlineMs }, ({ body }) => ({
      one: required(find, { body: { title: body.title, file: body.file } }, { safe: true }),
    }));
    await expect(boot(screen(read, () => ({})))).rejects.toThrow(
      'sends the file body.file in a read, which may be sent again: write(...) takes it',
    );
    const fallback = plan('spec.fallback', { input, deadlineMs }, ({ body }) => ({
      one: write(put, { body: 'x' }, { fallback: write(put, { body: body.file }) }),
    }));
    await expect(boot(screen(fallback, () => ({})))).rejects.toThrow('as a fallback or an undo');
  });

  it('shows none of them in its view', async () => {
    const shown = plan('spec.shown', { input, deadlineMs }, ({ body }) => ({ one: write(upload, { body }) }));
    await expect(boot(screen(shown, (_, { body }) => ({ title: body.title, file: body.file })))).rejects.toThrow(
      "the view of 'spec.shown' reads the file body.file",
    );
    await expect(boot(screen(shown, (_, { body }) => ({ body })))).rejects.toThrow('reads the file body:');
  });

  it('stands in the document with its parts', async () => {
    const document = await createGateway(specModule({ controllers: [Documents] }), {
      config: policyFile(formPolicy),
      env: { SHOP_URL: 'http://127.0.0.1:9' },
    }).openApi();
    expect(document).toMatchObject({
      paths: {
        '/documents': {
          post: {
            requestBody: {
              required: true,
              content: { 'multipart/form-data': { encoding: { image: { contentType: 'image/png, image/jpeg' } } } },
            },
          },
        },
      },
      components: { schemas: { 'shop.UploadInput': { properties: { file: { type: 'string', format: 'binary' } } } } },
    });
  });
});

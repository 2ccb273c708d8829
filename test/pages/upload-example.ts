import { Body, Controller, Post } from '@nestjs/common';
import { inputOf, pick, plan, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { InjectClient, Screen, Takes, valid } from '@frontage/gateway';
import * as documents from '../../libs/gateway/src/fixtures/documents.js';

// The code of docs/inputs.md, word for word.
const uploadPlan = plan(
  'web.upload',
  { input: { body: inputOf(documents.upload) }, deadlineMs: 60_000 },
  ({ body }) => ({ stored: write(documents.upload, { body }, { timeoutMs: 55_000 }) }),
);
const uploadScreen = screen(uploadPlan, ({ stored }) => pick(stored, 'id'));

@Public()
@Controller('documents')
export class DocumentController {
  @Post()
  @Screen(uploadScreen)
  upload(@Body() body: unknown) {
    return { body };
  }

  @Post('checked')
  @Takes(inputOf(documents.upload))
  async checked(
    @Body(valid(inputOf(documents.upload))) body: documents.Upload,
    @InjectClient(documents) client: Client<typeof documents>,
  ) {
    const { id } = await client.upload({ body: { ...body, title: body.title.trim() } });
    return { id };
  }
}

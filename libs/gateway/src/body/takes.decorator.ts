import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { ContractInput } from '@frontage/aggregation';

const key = 'frontage:takes';

/**
 * Has a hand-written handler take the media type of an operation's body: a form with files, a form, text, other JSON. It validates nothing:
 * that is the work of `@Body(valid(...))`.
 *
 * ```ts
 * @Post('documents')
 * @Takes(inputOf(documents.upload))
 * upload(@Body(valid(inputOf(documents.upload))) body: Upload, @InjectClient(documents) client: Documents) {
 *   return client.upload({ body });
 * }
 * ```
 */
export const Takes = (body: ContractInput<unknown>): CustomDecorator => SetMetadata(key, body);

const mediaKey = 'frontage:takes-media';

/** Has a handler of ours take a media type that no contract describes. */
export const TakesMedia = (media: string): CustomDecorator => SetMetadata(mediaKey, media);

export function takenMedia(handler: object): string | undefined {
  const media: unknown = Reflect.getMetadata(mediaKey, handler);
  return typeof media === 'string' ? media : undefined;
}

/** The body that a handler says it takes. */
export function takenBy(handler: object): object | undefined {
  const body: unknown = Reflect.getMetadata(key, handler);
  return typeof body === 'object' && body !== null ? body : undefined;
}

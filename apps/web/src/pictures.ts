import { list, pick, sortBy, type Ref } from '@frontage/aggregation';

interface Image {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** Every size of a picture, the narrowest first: the browser chooses one from `srcset`. */
export const pictures = (images: Ref<readonly Image[]>) =>
  list(sortBy(images, 'width'), (image) => pick(image, 'url', 'width', 'height'));

import { mediaKind } from '@frontage/core';

export function isJsonMedia(media: string): boolean {
  return mediaKind(media) === 'json';
}

export function isTextMedia(media: string): boolean {
  return mediaKind(media) === 'text';
}

export function isFormMedia(media: string): boolean {
  const kind = mediaKind(media);
  return kind === 'form' || kind === 'multipart';
}

import { mediaKind, table } from '@frontage/core';
import { crc32, deflateSync } from 'node:zlib';
import { randomOf } from '../patterns/random.js';

/** A concrete media type for a range (`image/*`). */
export function concreteMedia(media: string): string {
  const type = (media.split(';')[0] ?? media).trim().toLowerCase();
  if (!type.includes('*')) return media;
  const [family = '*'] = type.split('/');
  if (family === '*' || family === 'application') return 'application/octet-stream';
  return ranges[family] ?? `${family}/x-sample`;
}

const ranges: Readonly<Record<string, string>> = table({
  image: 'image/png',
  text: 'text/plain',
  font: 'font/woff2',
  audio: 'audio/wav',
  video: 'video/mp4',
});

/**
 * Content of a media type that is no JSON: small, and a valid file of its type where that is possible.
 * @param text its text, where it is text
 */
export function mediaSample(media: string, text: string, seed: string): string | Buffer {
  const type = (media.split(';')[0] ?? media).trim().toLowerCase();
  if (mediaKind(media) === 'text') {
    if (type === 'text/html') return `<!doctype html><title>${text}</title>\n`;
    if (type === 'text/event-stream') return `data: ${text}\n\n`;
    if (type === 'text/csv') return `name\n${text}\n`;
    return /[/+]xml$/.test(type) ? `<?xml version="1.0"?><text>${text}</text>\n` : text;
  }
  if (type === 'application/x-www-form-urlencoded') return `text=${encodeURIComponent(text)}`;
  return files[type]?.() ?? bytesOf(seed);
}

const files: Readonly<Record<string, () => Buffer>> = table({
  'image/png': png,
  'image/gif': () => Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
  'image/svg+xml': () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'),
  // An archive of no files is its end record.
  'application/zip': () => Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]),
  'application/pdf': pdf,
});

function bytesOf(seed: string): Buffer {
  const random = randomOf(seed);
  return Buffer.from(Array.from({ length: 64 }, () => random.integer(0, 255)));
}

/** One white pixel (PNG 1.2 section 5). */
function png(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from('00000001000000010800000000', 'hex')),
    chunk('IDAT', deflateSync(Buffer.from([0, 255]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function pdf(): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 4\n0000000000 65535 f \n${offsets.join('')}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text + table);
}

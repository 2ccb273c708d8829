import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { startPage, startPolicy } from './start.page.js';

it('lets run what stands in the page, and nothing else', () => {
  for (const tag of ['style', 'script']) {
    const [, text = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(startPage) ?? [];
    expect(startPolicy).toContain(`${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  }
  expect(startPage).not.toMatch(/ on\w+=| style="/);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@frontage/core';
import { describe, expect, it } from 'vitest';

const text = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
const documented = [...text.matchAll(/^\| `(GW_[A-Z_]+)`\s*\| (\d{3})\s*\|/gm)].map(
  ([, code = '', status = '']) => `${code} ${status}`,
);

describe('docs/errors.md', () => {
  it('lists exactly the codes and statuses of the table in the code', () => {
    const table = Object.entries(errorCodes).map(([code, { status }]) => `${code} ${status}`);
    expect(documented.toSorted()).toEqual(table.toSorted());
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'access-'));
let files = 0;

/** Writes a policy with these lines to a file of its own. */
export function policyFile(lines: string, name = 'shop', port = 0): string {
  const file = join(folder, `${++files}.yaml`);
  writeFileSync(
    file,
    `bff: ${name}\nlisten: { port: ${port}, adminPort: 0 }\nlog: { file: '${file}.log' }\nshutdown: { delay: 0ms }\n${lines}\n`,
  );
  return file;
}

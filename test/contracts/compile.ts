import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('../../', import.meta.url));

/** Makes a folder outside the workspace a TypeScript project under its rules, in which the libs are found as sources. */
export async function asProject(folder: string, include: readonly string[]): Promise<void> {
  const source = (lib: string): readonly string[] => [join(workspace, 'libs', lib, 'src/index.ts')];
  const compilerOptions = {
    composite: false,
    noEmit: true,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    typeRoots: [join(workspace, 'node_modules/@types')],
    paths: { '@frontage/clients': source('clients'), '@frontage/aggregation': source('aggregation') },
  };
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(workspace, 'tsconfig.base.json'), compilerOptions, include }),
  );
}

/** Messages of the compiler; empty where it accepts the code. */
export function compile(folder: string, ...more: readonly string[]): Promise<string> {
  const compiler = join(workspace, 'node_modules/@typescript/native/bin/tsc');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, '-p', folder, '--pretty', 'false', ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

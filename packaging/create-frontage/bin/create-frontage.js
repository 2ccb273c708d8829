#!/usr/bin/env node
import '@frontage/core/supported-node';

const { runCreate } = await import('@frontage/generator/create');

process.exitCode = await runCreate(process.argv.slice(2), {
  cwd: process.cwd(),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  progress: process.stderr,
});

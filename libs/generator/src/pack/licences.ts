import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProductionPackage } from './bundle/production-packages.js';

const fileName = /^(?:licen[cs]es?|copying|notice|third[-_]?party[-_]?licen[cs]es)(?:[-._].*)?$/i;

/** Texts of licences and notices of bundled packages, one after the other: their licences ask for a copy beside the code. */
export function licenceTexts(packages: readonly ProductionPackage[]): string {
  const parts = packages.map((each) => {
    const names = licenceFiles(each.folder);
    const texts = (names.length > 0 ? names : readmes(each.folder).filter((name) => hasLicence(each.folder, name))).map(
      (name) => readFileSync(join(each.folder, name), 'utf8'),
    );
    const said = licenceOf(each) ?? 'not stated';
    const body =
      texts.length === 0 ? `The package has no text of a licence; its package.json says: ${said}.` : texts.join('\n\n');
    return `${each.name} ${each.version}\nLicence: ${said}\n\n${body.replaceAll('\r\n', '\n').trim()}\n`;
  });
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The licence of a package: as its package.json says it, or by the first words of its text. */
export function licenceOf({ licence, folder }: ProductionPackage): string | undefined {
  if (licence !== undefined) return licence;
  const texts = [...licenceFiles(folder), ...readmes(folder)].map((name) =>
    readFileSync(join(folder, name), 'utf8').replaceAll(/\s+/g, ' '),
  );
  return known.find(([, words]) => texts.some((text) => text.includes(words)))?.[0];
}

const known = [
  ['MIT', 'Permission is hereby granted, free of charge, to any person obtaining a copy'],
  ['ISC', 'Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee'],
  ['Apache-2.0', 'Apache License Version 2.0'],
  ['BSD-3-Clause', 'Neither the name of'],
  ['BSD-2-Clause', 'Redistribution and use in source and binary forms, with or without modification'],
] as const;

/** Old packages have the text in their description. */
const readmes = (folder: string): string[] => readdirSync(folder).filter((name) => /^readme(?:\.\w+)?$/i.test(name));

const hasLicence = (folder: string, name: string): boolean =>
  known.some(([, words]) => readFileSync(join(folder, name), 'utf8').replaceAll(/\s+/g, ' ').includes(words));

const licenceFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isFile() && fileName.test(each.name))
    .map(({ name }) => name)
    .toSorted();

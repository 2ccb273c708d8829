/** One instruction, with its continued lines joined. */
interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Rules of hadolint, the linter of Dockerfiles, and of the container guides that it leaves out, by their names there or ours. */
const rules: Readonly<Record<string, (all: readonly Instruction[], last: readonly Instruction[]) => boolean>> = {
  'DL3000 WORKDIR is absolute': (all) => of(all, 'WORKDIR').every((text) => /^(?:\/|\$)/.test(text)),
  'DL3002 the last user is not root': (_, last) => !/^(?:root|0)(?::|$)/.test(of(last, 'USER').at(-1) ?? 'root'),
  'DL3003 WORKDIR instead of cd': (all) => of(all, 'RUN').every((text) => !/(?:^|&&|;)\s*cd\s/.test(text)),
  'DL3004 no sudo': (all) => of(all, 'RUN').every((text) => !/\bsudo\b/.test(text)),
  'DL3006 every image has a version': (all) => images(all).every((image) => /[:@]/.test(image)),
  'DL3007 no image is latest': (all) => images(all).every((image) => !image.endsWith(':latest')),
  'DL3011 ports are valid': (all) => of(all, 'EXPOSE').every((text) => Number(text) > 0 && Number(text) < 65_536),
  'DL3012 one HEALTHCHECK': (_, last) => of(last, 'HEALTHCHECK').length === 1,
  'DL3016 npm packages have versions': (all) => of(all, 'RUN').every((text) => !/npm (?:i|install|add)\b/.test(text)),
  'DL3020 COPY instead of ADD': (all) => of(all, 'ADD').length === 0,
  'DL3024 stages have different names': (all) => new Set(stages(all)).size === stages(all).length,
  'DL3025 CMD, ENTRYPOINT and HEALTHCHECK are lists': (_, last) =>
    [...of(last, 'CMD'), ...of(last, 'ENTRYPOINT'), ...of(last, 'HEALTHCHECK').map(commandOf)].every(isList),
  'DL3044 ENV does not use what it sets': (all) => of(all, 'ENV').every((text) => !text.includes('$')),
  'DL3059 one RUN after the other is one': (all) =>
    all.every(({ name }, i) => name !== 'RUN' || all[i + 1]?.name !== 'RUN'),
  'DL4000 no MAINTAINER': (all) => of(all, 'MAINTAINER').length === 0,
  'DL4003 one CMD': (_, last) => of(last, 'CMD').length === 1,
  'DL4006 no pipe without pipefail': (all) => of(all, 'RUN').every((text) => !/[^|]\|[^|]/.test(text)),
  'COPY --from names a stage': (all) =>
    of(all, 'COPY').every((text) => stages(all).includes(/--from=(\S+)/.exec(text)?.[1] ?? stages(all)[0] ?? '')),
  'no secret is in ENV or ARG': (all) =>
    [...of(all, 'ENV'), ...of(all, 'ARG')].every((text) => !/secret|token|passw|key/i.test(text)),
  'two stages, and the last one copies from the first': (all, last) =>
    images(all).length === 2 && of(last, 'COPY').every((text) => text.includes('--from=')),
  'the files of the last stage belong to root': (_, last) =>
    of(last, 'COPY').every((text) => /--chown=root:root/.test(text)),
  'nothing runs in the last stage': (_, last) => of(last, 'RUN').length === 0,
};

/** The rules that a Dockerfile does not keep. */
export function brokenRules(dockerfile: string): string[] {
  const all = instructions(dockerfile);
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
  return Object.entries(rules).flatMap(([rule, keeps]) => (keeps(all, last) ? [] : [rule]));
}

function instructions(dockerfile: string): Instruction[] {
  const lines = dockerfile.replaceAll(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const found = /^([A-Z]+)\s+(\S.*)$/.exec(line.trim());
    if (found === null && !/^(?:#|$)/.test(line.trim())) throw new Error(`no instruction: ${line}`);
    return found === null ? [] : [{ name: found[1] ?? '', text: found[2] ?? '' }];
  });
}

const of = (all: readonly Instruction[], wanted: string): string[] =>
  all.filter(({ name }) => name === wanted).map(({ text }) => text);
const images = (all: readonly Instruction[]): string[] => of(all, 'FROM').map((text) => text.split(/\s/, 1)[0] ?? '');
const stages = (all: readonly Instruction[]): string[] =>
  of(all, 'FROM').flatMap((text) => / AS (\S+)$/i.exec(text)?.slice(1) ?? []);
const commandOf = (text: string): string => text.replace(/^.*?\bCMD\s+/, '');

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { digestOf, type RecordedFile } from '../workspace/folder-record.js';
import { formatText } from '../workspace/format-files.js';
import type { Rendering } from '../workspace/rendering.js';
import type { FileContent } from '../workspace/write-files.js';
import type { FolderState } from './base/folder-state.js';
import { isSameFile, mergeFile, type FileMerge } from './merge/merge-file.js';
import type { MergeLabels } from './merge/merge-lines.js';
import { isGenerated, movedFiles } from './team-files.js';
import type { TemplateToday } from './upgrade-target.js';

/** The end of one file in an upgrade. */
export interface FileOutcome {
  /** From the folder. */
  readonly path: string;
  readonly kind:
    | 'add'
    | 'replace'
    | 'merge'
    | 'conflict'
    | 'move'
    | 'delete'
    /** The team's own, or deleted by the team, or no longer of the template: as it was. */
    | 'keep'
    /** Changed by a codemod alone. */
    | 'codemod';
  readonly note: string;
}

export interface FolderVersions {
  readonly folder: string;
  /** The files of the team after codemods, by path. */
  readonly team: ReadonlyMap<string, FileContent>;
  /** The same before. */
  readonly original: ReadonlyMap<string, FileContent>;
  readonly state: FolderState;
  /** The last rendering after codemods, by id. */
  readonly base: Rendering;
  readonly today: TemplateToday;
}

export interface MergedFolder {
  /** Files that are written, by path. */
  readonly files: ReadonlyMap<string, FileContent>;
  readonly deletes: readonly string[];
  readonly outcomes: readonly FileOutcome[];
  readonly record: Readonly<Record<string, RecordedFile>>;
  readonly rendering: Rendering;
}

/** Merges the template of today into the files of a team. Nothing is written. */
export async function mergeFolder(versions: FolderVersions): Promise<MergedFolder> {
  const merge = new FolderMerge(versions);
  await merge.run();
  return merge;
}

class FolderMerge implements MergedFolder {
  readonly files = new Map<string, FileContent>();
  readonly deletes: string[] = [];
  readonly outcomes: FileOutcome[] = [];
  readonly record: Record<string, RecordedFile> = {};
  readonly rendering = new Map<string, FileContent>();
  readonly #versions: FolderVersions;
  readonly #labels: MergeLabels;

  constructor(versions: FolderVersions) {
    this.#versions = versions;
    const { state, today } = versions;
    this.#labels = {
      yours: 'yours',
      before: `template ${state.record.version}`,
      now: `template ${today.origin.version}`,
    };
  }

  async run(): Promise<void> {
    const { team, state, base, today } = this.#versions;
    const now = new Map([...today.rendering].filter(([path]) => !isGenerated(path)));
    const recorded = Object.entries(state.record.files);
    const ids = new Map(recorded.flatMap(([path, { id }]) => (id === undefined ? [] : [[id, path] as const])));
    const knownPaths = new Set(recorded.map(([path]) => path));
    const gone = new Map([...base].filter(([id]) => !team.has(ids.get(id) ?? id)));
    const unknown = new Map([...team].filter(([path]) => !knownPaths.has(path)));
    const movedByTeam = movedFiles(gone, unknown);
    const dropped = new Map([...base].filter(([id]) => !now.has(id)));
    const movedByTemplate = movedFiles(dropped, new Map([...now].filter(([path]) => !ids.has(path))));
    for (const [path, entry] of recorded) if (entry.id === undefined && team.has(path)) this.record[path] = entry;
    for (const [id, recordedPath] of ids) {
      const entry = state.record.files[recordedPath] ?? {};
      const path = team.has(recordedPath) ? recordedPath : movedByTeam.get(id);
      const next = now.has(id) ? id : movedByTemplate.get(id);
      await this.#known(id, recordedPath, path, next, entry);
    }
    const renamed = new Set(movedByTemplate.values());
    for (const [path, content] of now) if (!ids.has(path) && !renamed.has(path)) await this.#added(path, content);
    await this.#codemodded();
    this.outcomes.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** @param next the id of the template of today; undefined where it has the file no more */
  async #known(
    id: string,
    recordedPath: string,
    path: string | undefined,
    next: string | undefined,
    entry: RecordedFile,
  ): Promise<void> {
    const { team, base, state, today } = this.#versions;
    const before = base.get(id);
    const lastRendering = state.rendering.get(id);
    const now = next === undefined ? undefined : today.rendering.get(next);
    const yours = path === undefined ? undefined : team.get(path);
    if (entry.own === true || path === undefined || yours === undefined) {
      if (now === undefined) return;
      const isNews = lastRendering !== undefined && !isDeepStrictEqual(lastRendering, now);
      // The base of an own file stays, so that the template can change it again later, from there.
      const kept = entry.own === true ? lastRendering : now;
      const place = path ?? recordedPath;
      if (kept !== undefined) this.#remember(place, entry.own === true ? id : (next ?? id), kept, entry);
      if (isNews && (entry.own === true || path === undefined))
        this.#outcome(
          place,
          'keep',
          entry.own === true ? 'your own: the template has changed it' : 'you have deleted it',
        );
      return;
    }
    if (now === undefined || next === undefined) return this.#dropped(path, yours, before);
    const isMoved = path === id && next !== id && !team.has(next);
    const place = isMoved ? next : path;
    const merge = await this.#merge(place, yours, before, now);
    if (place !== path) {
      this.deletes.push(path);
      this.files.set(place, merge.kind === 'kept' ? yours : merge.content);
      this.#outcome(place, merge.kind === 'conflict' ? 'conflict' : 'move', `was ${path}`);
    } else if (path !== recordedPath) this.#outcome(path, 'move', `you have moved it from ${recordedPath}`);
    this.#take(place, merge, now, place === path);
    this.#remember(place, next, now, entry);
  }

  /** A file that the template has no more. */
  async #dropped(path: string, yours: FileContent, before: FileContent | undefined): Promise<void> {
    const place = join(this.#versions.folder, path);
    if (before !== undefined && (await isSameFile(place, yours, before, formatText))) {
      this.deletes.push(path);
      this.#outcome(path, 'delete', 'the template has it no more, and you had not changed it');
    } else this.#outcome(path, 'keep', 'the template has it no more; you had changed it, so it is yours now');
  }

  async #added(path: string, now: FileContent): Promise<void> {
    const yours = this.#versions.team.get(path);
    if (yours === undefined) {
      this.files.set(path, now);
      this.#outcome(path, 'add', 'new in the template');
    } else this.#take(path, await this.#merge(path, yours, undefined, now), now, true);
    this.#remember(path, path, now, {});
  }

  #merge(path: string, yours: FileContent, before: FileContent | undefined, now: FileContent): Promise<FileMerge> {
    const file = { path: join(this.#versions.folder, path), yours, before, now, labels: this.#labels };
    return mergeFile(file, formatText);
  }

  /** @param isReported false where the outcome of the file is known already */
  #take(path: string, merge: FileMerge, now: FileContent, isReported: boolean): void {
    if (merge.kind === 'kept') return;
    this.files.set(path, merge.content);
    if (merge.kind === 'conflict' && merge.isBytes) this.files.set(`${path}.conflict`, now);
    if (!isReported) return;
    if (merge.kind === 'conflict') this.#outcome(path, 'conflict', placesText(merge.places, merge.isBytes));
    else if (merge.kind === 'merged') this.#outcome(path, 'merge', 'your changes and those of the template');
    else this.#outcome(path, 'replace', 'you had not changed it');
  }

  /** Keeps the base of the next upgrade. */
  #remember(path: string, id: string, content: FileContent, { written, own }: RecordedFile): void {
    this.rendering.set(id, content);
    const rendered = digestOf(content);
    const present = this.files.get(path) ?? this.#versions.original.get(path);
    const isWritten = present !== undefined && digestOf(present) === rendered;
    const kept = isWritten ? rendered : written;
    this.record[path] = { id, rendered, ...(kept !== undefined && { written: kept }), ...(own === true && { own }) };
  }

  /** Files that a codemod alone has changed: formatted, as a codemod may make a line too long. */
  async #codemodded(): Promise<void> {
    const { team, original, folder } = this.#versions;
    for (const [path, content] of team) {
      if (this.files.has(path) || this.deletes.includes(path) || content === original.get(path)) continue;
      if (typeof content !== 'string') continue;
      this.files.set(path, await formatText(join(folder, path), content));
      this.#outcome(path, 'codemod', 'changed for the libraries of today');
      const entry = this.record[path];
      const before = original.get(path);
      if (entry?.written !== undefined && before !== undefined && digestOf(before) === entry.written)
        this.record[path] = { ...entry, written: digestOf(this.files.get(path) ?? content) };
    }
  }

  #outcome(path: string, kind: FileOutcome['kind'], note: string): void {
    this.outcomes.push({ path, kind, note });
  }
}

const placesText = (places: number, isBytes: boolean): string => {
  if (isBytes) return 'no text: yours stays, that of the template is beside it, with .conflict at its end';
  return places === 1 ? '1 place that both have changed' : `${places} places that both have changed`;
};

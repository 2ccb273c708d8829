import type { Executor, RequestContext } from '@frontage/context';
import { keptTimesOf, type Clock, type OperationInfo, type Outcome } from '@frontage/core';

/** The age of one part of a response: that of its oldest call, and the strictest rule of all of them. */
export interface PartNote {
  readonly part: string;
  /** Milliseconds since the response was stored; 0 for one that came just now. */
  readonly ageMs: number;
  /** Milliseconds for which it stays fresh; 0 or less for a stale one and for one that no rule keeps. */
  readonly freshMs: number;
  readonly isPublic: boolean;
  /** Nothing was asked of its service. */
  readonly isHit: boolean;
  readonly isKept: boolean;
  /** By which caches take it out: the names of its operations. */
  readonly tags: readonly string[];
  /** False once something that it depends on was invalidated. */
  readonly isCurrent: () => boolean;
}

/** The ages of the parts of responses: one note per part of each request, as its calls come in. */
export class PartNotes {
  readonly #clock: Clock;
  readonly #notes = new WeakMap<RequestContext, Map<string, PartNote>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An executor that notes what it gives. */
  around(part: string, operation: OperationInfo, execute: Executor): Executor {
    const own = [`${operation.contract.upstream}.${operation.id}`];
    return (args, scope) => {
      const startedAt = this.#clock.now();
      return execute(args, scope).then((outcome) => {
        this.#add(scope.context, this.#noteOf(part, own, outcome, startedAt));
        return outcome;
      });
    };
  }

  /** The parts of a request that have called, in the order in which they came in. */
  of(context: RequestContext): readonly PartNote[] {
    return [...(this.#notes.get(context)?.values() ?? [])];
  }

  #noteOf(part: string, own: readonly string[], outcome: Outcome<unknown>, startedAt: number): PartNote {
    const kept = outcome.ok ? keptTimesOf(outcome) : undefined;
    if (kept === undefined)
      return { part, ageMs: 0, freshMs: 0, isPublic: false, isHit: false, isKept: false, tags: own, isCurrent: always };
    const now = this.#clock.now();
    return {
      part,
      ageMs: Math.max(0, now - kept.storedAt),
      freshMs: kept.freshUntil - now,
      isPublic: kept.isPublic,
      isHit: kept.storedAt < startedAt,
      isKept: true,
      tags: own,
      isCurrent: kept.isCurrent ?? always,
    };
  }

  #add(context: RequestContext, note: PartNote): void {
    const known = this.#notes.get(context) ?? new Map<string, PartNote>();
    this.#notes.set(context, known);
    const before = known.get(note.part);
    known.set(note.part, before === undefined ? note : strictest([before, note], note.part));
  }
}

const always = (): boolean => true;

/** Several notes as one. */
export const strictest = (notes: readonly PartNote[], part = ''): PartNote => ({
  part,
  ageMs: Math.max(0, ...notes.map(({ ageMs }) => ageMs)),
  freshMs: Math.min(...notes.map(({ freshMs }) => freshMs)),
  isPublic: notes.every(({ isPublic }) => isPublic),
  isHit: notes.every(({ isHit }) => isHit),
  isKept: notes.every(({ isKept }) => isKept),
  tags: [...new Set(notes.flatMap(({ tags }) => tags))],
  isCurrent: () => notes.every((note) => note.isCurrent()),
});

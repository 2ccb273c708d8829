export type Sources = Map<string, string>;
export function readSources(): Sources;
export function compileEngine(sources: Sources, level?: '-O1' | '-O3'): Promise<Uint8Array>;

/** The text of a file before the command, on the disk or in memory; undefined where there is none. */
export type ReadText = (path: string) => Promise<string | undefined>;

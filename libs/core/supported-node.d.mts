/** The oldest major version of Node.js that runs the product. */
export const oldestNode: number;

/** One line about a Node.js that is too old, with the command to run instead; undefined where it is new enough. */
export function oldNodeMessage(running: {
  /** Without `v`. */
  readonly version: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** @default process.platform */
  readonly platform?: string;
}): string | undefined;

export const law: Readonly<Record<string, readonly string[]>>;
export const appMayImport: readonly string[];
export const withoutNest: readonly string[];

import ts from 'typescript';

/**
 * The global types that generated clients name, and the types of `@frontage/clients` that they import. With them a client is checked alone,
 * in milliseconds: no library of the language and no built lib is read.
 */
const globals = `
interface Array<T> { readonly length: number; [index: number]: T }
interface ReadonlyArray<T> { readonly length: number; readonly [index: number]: T }
interface Boolean {} interface CallableFunction {} interface Function {} interface IArguments {} interface NewableFunction {}
interface Number {} interface Object {} interface RegExp {} interface String {}
interface Uint8Array { readonly isBytes: true }
interface ReadableStream { readonly isStream: true }
interface Date { readonly isDate: true }
type Partial<T> = { [P in keyof T]?: T[P] };
type Required<T> = { [P in keyof T]-?: T[P] };
type Readonly<T> = { readonly [P in keyof T]: T[P] };
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Record<K extends keyof any, T> = { [P in K]: T };
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type Omit<T, K extends keyof any> = Pick<T, Exclude<keyof T, K>>;
type NonNullable<T> = T & {};
`;
const clients = `
export interface Contract { readonly upstream: string }
export type Integer64 = number | bigint | string;
export interface FilePart { readonly isFile: true }
export type Binary = Uint8Array;
export interface Operation<In, Out, Errors, M = unknown, Safe = unknown, Headers = unknown> {
  readonly types?: readonly [In, Out, Errors, M, Safe, Headers];
}
`;
const globalsFile = '/globals.d.ts';
const clientsFile = '/clients.d.ts';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  noLib: true,
  noEmit: true,
  types: [],
};

/** Generated clients as the compiler sees them. */
export interface ClientProgram {
  readonly checker: ts.TypeChecker;
  /** The file of a client, by its path. */
  file(path: string): ts.SourceFile | undefined;
}

/** @param texts of `<name>.gen.ts`, by path; their code does not run */
export function clientProgram(texts: ReadonlyMap<string, string>): ClientProgram {
  const all = new Map([...texts, [globalsFile, globals], [clientsFile, clients]]);
  const files = new Map(
    [...all].map(([path, text]) => [path, ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)]),
  );
  const host: ts.CompilerHost = {
    getSourceFile: (path) => files.get(path),
    getDefaultLibFileName: () => globalsFile,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (path) => files.has(path),
    readFile: (path) => all.get(path),
    writeFile: () => undefined,
    // The schemas beside a client are values, which no type of it needs.
    resolveModuleNameLiterals: (names) =>
      names.map(({ text }) => ({
        resolvedModule:
          text === '@frontage/clients' ? { resolvedFileName: clientsFile, extension: ts.Extension.Dts } : undefined,
      })),
  };
  const program = ts.createProgram([...all.keys()], options, host);
  return { checker: program.getTypeChecker(), file: (path) => program.getSourceFile(path) };
}

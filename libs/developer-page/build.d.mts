/** Resolves when the page is built from the present sources. */
export declare function buildPage(): Promise<void>;

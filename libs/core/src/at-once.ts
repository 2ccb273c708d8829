const ignore = (): void => undefined;

/** Is this something that would have to be waited for? */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/**
 * The result of a function that has to answer at once. A promise is refused, and what becomes of it is ignored: a rejection that nothing
 * waits for would end the process.
 * @param what names the function, in the message
 * @throws {TypeError} where the result is a promise
 */
export function atOnce<T>(result: T, what: string): T {
  if (!isThenable(result)) return result;
  Promise.resolve(result).then(ignore, ignore);
  throw new TypeError(`${what} is asynchronous: it gives a promise where its value is needed at once`);
}

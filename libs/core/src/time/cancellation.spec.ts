import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cancellation, type CancelReason } from './cancellation.js';

/** Listens as a function or as an object, and counts what it hears. */
class Listener {
  heard: CancelReason[] = [];
  readonly asFunction = (reason: CancelReason): void => void this.heard.push(reason);
  stop(reason: CancelReason): void {
    this.heard.push(reason);
  }
}

describe('a cancellation', () => {
  it('tells each listener once that was not taken away, however many there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('function', 'object', 'off', 'off again'), fc.nat(80)), { maxLength: 200 }),
        (steps) => {
          const cancellation = new Cancellation();
          const listening: Listener[] = [];
          const gone: Listener[] = [];
          for (const [step, index] of steps) {
            if (step === 'function' || step === 'object') {
              const listener = new Listener();
              cancellation.onCancel(step === 'function' ? listener.asFunction : listener);
              listening.push(listener);
            } else {
              const [left] = step === 'off' ? listening.splice(index, 1) : gone.slice(index, index + 1);
              if (left === undefined) continue;
              cancellation.offCancel(left);
              cancellation.offCancel(left.asFunction);
              gone.push(left);
            }
            expect(cancellation.listenerCount).toBe(listening.length);
          }
          cancellation.cancel('deadline');
          cancellation.cancel('shutdown');
          expect(listening.map(({ heard }) => heard)).toEqual(listening.map(() => ['deadline']));
          expect(gone.every(({ heard }) => heard.length === 0)).toBe(true);
          expect(cancellation.listenerCount).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('tells a late listener at once', () => {
    const cancellation = new Cancellation();
    cancellation.cancel('client_gone');
    const late = new Listener();
    cancellation.onCancel(late);
    cancellation.onCancel(late.asFunction);
    expect(late.heard).toEqual(['client_gone', 'client_gone']);
    expect(cancellation.listenerCount).toBe(0);
  });

  it('goes on with the others when a listener takes one of them away', () => {
    const cancellation = new Cancellation();
    const heard: string[] = [];
    const second = (): void => void heard.push('second');
    cancellation.onCancel(() => {
      heard.push('first');
      cancellation.offCancel(second);
    });
    cancellation.onCancel(second);
    cancellation.onCancel(() => heard.push('third'));
    cancellation.cancel('timeout');
    expect(heard).toEqual(['first', 'second', 'third']);
  });

  it('gives a signal, before and after', () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    expect(signal.aborted).toBe(false);
    cancellation.cancel('shutdown');
    expect([signal.aborted, signal.reason, cancellation.signal]).toEqual([true, 'shutdown', signal]);
    const other = new Cancellation();
    other.cancel('timeout');
    expect(other.signal.reason).toBe('timeout');
  });
});

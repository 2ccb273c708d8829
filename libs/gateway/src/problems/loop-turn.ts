let turn = 0;
let isCounting = false;

/**
 * The number of this turn of the event loop: it is the same until waiting code is woken up by a socket, a file or a timer. One callback
 * per turn counts it, and only in turns in which it is asked for.
 */
export function loopTurn(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(() => {
      turn += 1;
      isCounting = false;
    });
  }
  return turn;
}

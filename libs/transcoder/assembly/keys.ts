// Keys that are read.
import { Key, Shape } from './tables';

export function findKey(shape: Shape, text: usize, length: usize): Key {
  for (let key = shape.keys; key; key = key.next) {
    if (key.length == length && isSame(key.text, text, length)) return key;
  }
  return changetype<Key>(0);
}

export function isSame(one: usize, other: usize, length: usize): bool {
  const end = one + length;
  while (one + 16 <= end) {
    if (v128.any_true(v128.xor(v128.load(one), v128.load(other)))) return false;
    one += 16;
    other += 16;
  }
  const differing = ~i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)));
  return <usize>ctz(differing) >= end - one;
}

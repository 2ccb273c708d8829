export namespace Char {
  export const tab: u32 = 0x09;
  export const lineFeed: u32 = 0x0a;
  export const carriageReturn: u32 = 0x0d;
  export const space: u32 = 0x20;
  export const quote: u32 = 0x22;
  export const plus: u32 = 0x2b;
  export const comma: u32 = 0x2c;
  export const minus: u32 = 0x2d;
  export const point: u32 = 0x2e;
  export const slash: u32 = 0x2f;
  export const zero: u32 = 0x30;
  export const colon: u32 = 0x3a;
  export const openList: u32 = 0x5b;
  export const backslash: u32 = 0x5c;
  export const closeList: u32 = 0x5d;
  export const a: u32 = 0x61;
  export const b: u32 = 0x62;
  export const e: u32 = 0x65;
  export const f: u32 = 0x66;
  export const n: u32 = 0x6e;
  export const r: u32 = 0x72;
  export const t: u32 = 0x74;
  export const u: u32 = 0x75;
  export const openObject: u32 = 0x7b;
  export const closeObject: u32 = 0x7d;
}

/** Four letters in the order in which one load finds them. */
export namespace Letters {
  export const null_: u32 = 0x6c6c756e;
  export const true_: u32 = 0x65757274;
  export const alse: u32 = 0x65736c61;
}

@inline
export function isDigit(char: u32): bool {
  return char - Char.zero < 10;
}

@inline
export function isHexDigit(char: u32): bool {
  return isDigit(char) || (char | 0x20) - Char.a < 6;
}

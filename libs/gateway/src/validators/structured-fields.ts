/** A string of RFC 9651 section 3.3.3. Characters that it cannot hold are percent-encoded. */
export const sfString = (text: string): string =>
  `"${text
    .toWellFormed()
    .replaceAll(/[^\x20-\x7e]/gu, (letter) => encodeURIComponent(letter))
    .replaceAll(/["\\]/g, String.raw`\$&`)}"`;

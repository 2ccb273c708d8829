/** RFC 9110 section 6.5.1: no fields of a trailer. */
export const framingPattern = /^(?:content-length|transfer-encoding):/i;
export const connectionPattern = /^(?:proxy-)?connection:/i;
/** Status line and fields, without the line end behind the last one. */
export const headPattern =
  /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*)*$/;
/** The first line alone, to tell what is wrong. */
export const statusLinePattern = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n|$)/;
export const fieldPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;
/** Eight digits are 4 GiB. Extensions are read over, where they are ones (RFC 9112 section 7.1.1, without blanks). */
export const chunkSizePattern =
  /^[0-9A-Fa-f]{1,8}(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/;

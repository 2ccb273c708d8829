/** Values of a path parameter that lead out of its place once a server decodes them, some of them twice or three times. */
export const climbingIds = [
  '..%2fadmin',
  '..%5cadmin',
  'x%2f..%2f..%2fadmin',
  '..%252fadmin',
  '%252e%252e%252fadmin',
  '%25252e%25252e%25252fadmin',
  '..%3bx=1%2fadmin',
  '.%09.%2fadmin',
  '%ef%bc%8e%ef%bc%8e%2fadmin',
  '%25c0%25ae%25c0%25ae%2fadmin',
  '%252e%252e',
] as const;

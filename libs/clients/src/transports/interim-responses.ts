/** Responses with a status below 200 that may come before the final one (RFC 9110 section 15.2); a few are usual, a flood is not. */
export const maxInterimResponses = 16;

/** The error for more of them. */
export const tooManyInterimResponses = `sent more than ${maxInterimResponses} interim responses`;

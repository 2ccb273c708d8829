/** Answers with a status below 200 that may come before the one that counts (RFC 9110 section 15.2); a few are usual, a flood is not. */
export const maxInterimAnswers = 16;

/** What is wrong with more of them. */
export const tooManyInterimAnswers = `sent more than ${maxInterimAnswers} interim answers`;

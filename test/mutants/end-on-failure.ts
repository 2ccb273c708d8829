import fc from 'fast-check';

// A mutant is caught by the first failure: the smallest input of it tells nothing more.
fc.configureGlobal({ endOnFailure: true });

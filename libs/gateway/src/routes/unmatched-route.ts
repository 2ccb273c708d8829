import type { Route } from './routes.js';

/** Stands for a route where none was matched: a path that is not served, a request that was refused before it was routed. */
export const unmatchedRoute: Route = {
  method: '',
  path: '(unmatched)',
  controller: Object,
  handler: '',
  access: 'public',
  rateClass: undefined,
  rateWeight: 1,
  screen: undefined,
  deadlineMs: undefined,
  successStatus: 200,
  bodyMedia: undefined,
  form: undefined,
  isStream: false,
  fixedHeaders: [],
  redirects: false,
  renders: false,
  source: undefined,
  kind: 'foreign',
};

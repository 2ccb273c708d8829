export type { DeveloperSource, UpstreamFacts } from './model/source.js';
export type { EndpointState, PlanNode, PolicyValue, WhyMember } from './model/state.js';
export { DeveloperPage } from './server/developer-page.js';

import { Counter } from './families/counter.js';

/** Events so far, by their labels. */
export const eventCounters = (maxSeries: number) => ({
  rateLimited: new Counter(
    'frontage_rate_limited_requests_total',
    'Requests refused with 429 by a rate class.',
    ['http_route'],
    maxSeries,
  ),
  shedRequests: new Counter(
    'frontage_shed_requests_total',
    'Requests refused with 503 because this process, or a service behind it, has too many.',
    ['http_route'],
    maxSeries,
  ),
  partial: new Counter(
    'frontage_partial_responses_total',
    'Good responses with missing parts.',
    ['http_request_method', 'http_route'],
    maxSeries,
  ),
  failedParts: new Counter(
    'frontage_failed_parts_total',
    'Parts whose calls gave no value, by the reason as responses name it; also where a fallback took their place.',
    ['http_route', 'part', 'reason'],
    maxSeries,
  ),
  repeats: new Counter(
    'frontage_repeated_attempts_total',
    'Attempts after the first one of a call: retries and hedges.',
    ['upstream', 'operation'],
    maxSeries,
  ),
  cache: new Counter(
    'frontage_cache_lookups_total',
    'Lookups in the operation cache.',
    ['upstream', 'operation', 'result'],
    maxSeries,
  ),
  screens: new Counter(
    'frontage_screen_reuse_total',
    'Responses of screens that were kept as a whole (hit), or that the client held already, in whole (not_modified) or in part (delta).',
    ['screen', 'result'],
    maxSeries,
  ),
  hedges: new Counter(
    'frontage_hedges_total',
    'Calls with a second attempt: its response was taken (won) or not (lost).',
    ['upstream', 'operation', 'result'],
    maxSeries,
  ),
  shedCalls: new Counter(
    'frontage_shed_calls_total',
    'Calls that were not sent because too many calls wait, by how much they matter to their page.',
    ['upstream', 'operation', 'need'],
    maxSeries,
  ),
  breakerTurns: new Counter(
    'frontage_breaker_changes_total',
    'Changes of state of circuit breakers, by the state they went to.',
    ['upstream', 'operation', 'state'],
    maxSeries,
  ),
  addressesOut: new Counter(
    'frontage_address_ejections_total',
    'Addresses that get no calls for a time, by the reason: failures in a row, a low rate of successes, or health checks.',
    ['upstream', 'reason'],
    maxSeries,
  ),
  unaskedBytes: new Counter(
    'frontage_upstream_unasked_closes_total',
    'Connections that were closed because the upstream sent what no request had asked for.',
    ['upstream'],
    maxSeries,
  ),
  brokenContracts: new Counter(
    'frontage_contract_broken_total',
    'Contract violations in responses of upstreams, by the violated keyword.',
    ['upstream', 'operation', 'keyword'],
    maxSeries,
  ),
  lenientSuccesses: new Counter(
    'frontage_lenient_successes_total',
    'Successes of upstreams that depart from the contract in a way that policy accepts.',
    ['upstream', 'operation', 'kind'],
    maxSeries,
  ),
  unhandledRejections: new Counter(
    'frontage_unhandled_rejections_total',
    'Promises that were rejected and that nothing waited for: an await is missing in the code of the app.',
    [],
    maxSeries,
  ),
  businessEvents: new Counter(
    'frontage_business_events_total',
    'Good responses of screens that count as an event, complete or with missing parts.',
    ['event', 'response'],
    maxSeries,
  ),
  signals: new Counter(
    'frontage_signals_total',
    'Clients that behaved in a way that a rule of signals watches for, by the rule and by what follows.',
    ['signal', 'action'],
    maxSeries,
  ),
});

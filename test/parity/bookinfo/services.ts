import type { Clock } from '@frontage/core';
import { StubUpstream, type StubReply, type StubRequest } from '../stub-upstream.js';
import type { Details } from '../libs/upstreams/details/details.gen.js';

export const details: Details = {
  id: 0,
  author: 'William Shakespeare',
  year: 1595,
  type: 'paperback',
  pages: 200,
  publisher: 'PublisherA',
  language: 'English',
  'ISBN-10': '1234567890',
  'ISBN-13': '123-1234567890',
};

/** The time that the reviews service waits for its ratings by itself: more than any caller waits for the reviews. */
const ratingsTimeoutMs = 10_000;
/** The time that it needs to respond without them. */
const answeringMs = 100;

const reviewsWith = (first: object, second: object) => ({
  id: '0',
  podname: 'reviews-v3-5f7b9d8d9b-abcde',
  clustername: 'null',
  reviews: [
    { reviewer: 'Reviewer1', text: 'An extremely entertaining play ...', rating: first },
    { reviewer: 'Reviewer2', text: 'Absolutely fun ...', rating: second },
  ],
});
export const rated = reviewsWith({ stars: 5, color: 'red' }, { stars: 4, color: 'red' });
const noRating = { error: 'Ratings service is currently unavailable' };
export const unrated = reviewsWith(noRating, noRating);

/** The services behind the product page. The reviews have ratings behind them, as slow as a test says. */
export class BookServices {
  /** Latency of the ratings in milliseconds; `Infinity` where they are down. */
  ratingsMs = 0;
  /** Does the reviews service heed how long its caller waits? As it is shipped, it does not. */
  heedsDeadline = false;
  readonly details: StubUpstream;
  readonly reviews: StubUpstream;
  readonly #clock: Clock;

  private constructor(clock: Clock, details: StubUpstream, reviews: StubUpstream) {
    this.#clock = clock;
    this.details = details;
    this.reviews = reviews;
  }

  static async start(clock: Clock): Promise<BookServices> {
    const detailsService = await StubUpstream.start({
      'GET /details/{id}': ({ params: [id] }) => ({ status: 200, body: { ...details, id: Number(id) } }),
    });
    const made: { services?: BookServices } = {};
    const reviewsService = await StubUpstream.start({
      'GET /reviews/{id}': (request) => made.services?.reviewsFor(request) ?? { status: 503 },
    });
    made.services = new BookServices(clock, detailsService, reviewsService);
    return made.services;
  }

  reviewsFor({ headers }: StubRequest): Promise<StubReply> {
    const callerWaitsMs = Number(headers['x-envoy-expected-rq-timeout-ms']);
    const waitsMs = this.heedsDeadline ? Math.min(ratingsTimeoutMs, callerWaitsMs - answeringMs) : ratingsTimeoutMs;
    const reply = { status: 200, body: this.ratingsMs <= waitsMs ? rated : unrated };
    // Ratings that are down refuse at once; those that are slow are waited for.
    const afterMs = this.ratingsMs === Infinity ? 0 : Math.min(this.ratingsMs, waitsMs);
    if (afterMs === 0) return Promise.resolve(reply);
    return new Promise((resolve) => void this.#clock.setTimer(() => resolve(reply), afterMs));
  }

  reset(): void {
    this.ratingsMs = 0;
    this.heedsDeadline = false;
    this.details.reset();
    this.reviews.reset();
  }

  async stop(): Promise<void> {
    await Promise.all([this.details.stop(), this.reviews.stop()]);
  }
}

import { describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import { planOutput, planResult } from './plan.command.js';

const home = ['GET', '/home'];

describe('a plan as text', () => {
  it('shows dependencies, limits and fallbacks of its calls', () => {
    expect(planOutput(describedApp, home)).toMatchInlineSnapshot(`
      "GET /home

        plan        tv.home, in apps/tv/src/home/home.screen.ts
        access      scope home:read, one of the roles viewer, guest
        rate class  interactive
        input       caller, query (validated)
        deadline    1500 ms by bff.yaml, 2000 ms by the plan; 10 ms of it are kept for the response
        at worst    1500 ms: watchlist 600 ms, then films 1350 ms, then ratings 240 ms, 2190 ms but for the deadline
        counts      film.shown, in frontage_business_events_total
        projected   name
        computed    age, label: a function makes it; films: its last good response is kept; old: a condition decides on it

        ├─ profile: required users.getUser, GET /users/{id}
        │  │    sends    path.id = caller.subject
        │  │    timeout  250 ms, of the upstream
        │  │    retry    2 attempts
        │  │    limits   breaker observes, 64 calls at once
        │  │    hedge    a second attempt after p95 of its latency
        │  │    else     no page: 502, 503 or 504
        │  │    ends     404 as 404 user_unknown
        │  │    reads    name; computes with born
        │  │    parses   what is computed with
        │  └─ seen: write lists.markSeen, POST /seen
        │          sends    body = query
        │          timeout  400 ms, of the upstream
        │          limits   throttled by failures, 2 to 1000 calls at once, by its latency
        │          else     no page: 502, 503 or 504
        │          undo     lists.unmarkSeen where something fails later
        │          reads    nothing
        │          parses   all of it: a step looks at it
        └─ watchlist: required lists.listItems, GET /items
           │    repeats  page after page, at most 3 pages and 100 items
           │    timeout  200 ms, of the plan, 600 ms for all of it
           │    retry    3 attempts, on 503, connect
           │    limits   throttled by failures, 2 to 1000 calls at once, by its latency
           │    else     no page: 502, 503 or 504
           └─ (step 1): computed of watchlist.items
              │    ends     409 empty
              └─ films: optional films.listFilms, GET /films
                 │    after    profile too
                 │    repeats  20 keys a call of watchlist.items[].filmId, at most 100, 2 calls at a time
                 │    sends    query.ids = keys, query.note = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
                 │    timeout  400 ms, of the upstream, 1350 ms for all of it
                 │    hedge    a second attempt after 40 ms
                 │    cache    60 s, 30 s more where the call fails, shared by all callers
                 │    else     archive.listOld, then the last good response of the last 5 min, then the part is missing
                 │    reads    all of it
                 │    parses   all of it: its last good response is kept
                 └─ ratings: optional reviews.getRating, GET /ratings/{id}
                         when     query.rated
                         access   scope ratings:read, a login of the class mfa, a login of the last 300 s
                         repeats  once per item of films, at most 40, 16 at a time
                         timeout  80 ms, of this call in bff.yaml, 240 ms for all of it
                         over     undici, HTTP/2, through a proxy
                         to       2 addresses, by least-requests
                         else     that item is missing
                         takes    404 as a value
      "
    `);
  });

  it('uses the tighter limit of plan and policy, and that of the upstream where both have none', () => {
    const view = planResult(describedApp, home, {}).data;
    expect(view).toMatchObject({
      deadline: { ms: 1500, from: 'bff.yaml' },
      parts: [
        { name: 'profile', timeout: { ms: 250, from: 'upstream' }, worstCaseMs: 250 },
        { name: 'watchlist', timeout: { ms: 200, from: 'plan' }, worstCaseMs: 600 },
        { name: '(step 1)', worstCaseMs: 0 },
        {
          name: 'films',
          timeout: { ms: 400, from: 'upstream' },
          cache: { ttlMs: 60_000, staleIfErrorMs: 30_000 },
          worstCaseMs: 1350,
        },
        { name: 'ratings', timeout: { ms: 80, from: 'bff.yaml' }, worstCaseMs: 240 },
        { name: 'seen', worstCaseMs: 400 },
      ],
      criticalPathMs: 2190,
      worstCaseMs: 1500,
    });
  });

  it('shows that a write that was sent may outlive the deadline', () => {
    const slow = { ...describedApp.policy, upstreams: { users: { timeoutMs: 250 }, lists: { timeoutMs: 3000 } } };
    const view = planResult({ ...describedApp, policy: slow }, home, {}).data;
    expect(view).toMatchObject({ criticalPathMs: 3250, worstCaseMs: 3250 });
  });

  it('says for a plan without calls that nothing is called', () => {
    const [first, ...others] = describedApp.endpoints;
    const empty = { ...first!, screen: { ...first!.screen!, parts: {} } };
    expect(planOutput({ ...describedApp, endpoints: [empty, ...others] }, home)).toContain('nothing is called');
  });
});

describe('a plan as a diagram', () => {
  it('is a flowchart: dashed where a part may be missing, thick along the critical path', () => {
    expect(planOutput(describedApp, home, { mermaid: true })).toMatchInlineSnapshot(`
      "flowchart LR
        request(["GET /home"])
        p0["profile<br/>users.getUser<br/>250 ms"]
        p1["watchlist (pages)<br/>lists.listItems<br/>600 ms"]
        p2{{"(step 1)"}}
        p3["films (batch)<br/>films.listFilms<br/>1350 ms"]
        p4["ratings (each)<br/>reviews.getRating<br/>240 ms"]
        p5["seen<br/>lists.markSeen<br/>400 ms"]
        response(["response<br/>1500 ms at worst"])
        request --> p0
        request --> p1
        p1 --> p2
        p2 -.-> p3
        p0 -.-> p3
        p3 -.-> p4
        p0 --> p5
        p4 --> response
        p5 --> response
        classDef critical stroke-width:3px
        class p1,p3,p4 critical
      "
    `);
  });
});

describe('an endpoint', () => {
  const asked = (...wanted: string[]) => planOutput(describedApp, wanted);

  it.each([[['get', '/home']], [['/home']], [['GET', '/home']]])('is found by %j', (wanted) => {
    expect(asked(...wanted)).toMatch(/^GET \/home\n/);
  });

  it.each([
    [['GET', '/films/7'], 'GET /films/:id is written by hand (FilmController.show): its calls are not known'],
    [['GET', '/films/{id}'], 'GET /films/:id is written by hand'],
    [['/films/7'], '/films/7 is more than one endpoint of tv: GET /films/:id, PUT /films/:id'],
    [['GET', '/hme'], 'tv has no endpoint GET /hme; did you mean GET /home?'],
    [['/hme'], 'tv has no endpoint /hme; did you mean GET /home?'],
    [
      ['POST', '/somewhere/else'],
      'tv has no endpoint POST /somewhere/else; there are GET /home, GET /films/:id, PUT /films/:id',
    ],
  ])('that cannot be shown is refused with a suggestion: %j', (wanted, message) => {
    expect(() => asked(...wanted)).toThrow(message);
  });

  it('is listed with all others', () => {
    expect(planOutput(describedApp, [])).toMatchInlineSnapshot(`
      "GET /home       tv.home  5 calls  1500 ms at worst  HomeController.show
      GET /films/:id                                      FilmController.show
      PUT /films/:id                                      FilmController.put
      "
    `);
    expect(planResult(describedApp, [], {}).data).toEqual({ endpoints: describedApp.endpoints });
    expect(() => planOutput(describedApp, [], { mermaid: true })).toThrow('name its method and path');
  });
});

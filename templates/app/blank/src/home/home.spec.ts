import { runScreen } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { homeScreen } from './home.screen.js';

describe('the home screen', () => {
  it('greets the caller', async () => {
    const run = await runScreen(homeScreen, { caller: { subject: 'ada' } }, {});
    if (run.kind !== 'complete') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toEqual({ greeting: 'Hello ada' });
  });
});

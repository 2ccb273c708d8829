import { given, plan, screen, text } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';

/** It calls no service yet: `npx frontage endpoint __name__/<screen>` makes screens that do. */
const homePlan = plan('__name__.home', { input: { caller: given<Caller>() }, deadlineMs: 1000 }, () => ({}));

export const homeScreen = screen(homePlan, (_, { caller }) => ({ greeting: text`Hello ${caller.subject}` }));

// Plain code with `Pool.request` in place of `dispatch`, as usually written without a framework.
import { screenByHand } from './environment.js';
import { serve } from './node-server.js';
import { get } from './request.js';

serve(await screenByHand(), get);

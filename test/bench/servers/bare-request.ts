// Plain code with `Pool.request` in place of `dispatch`, as most who leave frameworks behind write it.
import { screenByHand } from './environment.js';
import { serve } from './node-server.js';
import { get } from './request.js';

serve(await screenByHand(), get);

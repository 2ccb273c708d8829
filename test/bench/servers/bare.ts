// The fastest plain code we know: the ratio 1.00.
import { get } from './dispatch.js';
import { screenByHand } from './environment.js';
import { serve } from './node-server.js';

serve(await screenByHand(), get);

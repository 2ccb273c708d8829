// The fastest plain code we know: this is what 1.00 means.
import { get } from './dispatch.js';
import { screenByHand } from './environment.js';
import { serve } from './node-server.js';

serve(await screenByHand(), get);

import { sentContract } from '../../fixtures/sent-contract.js';
import { streamingContract } from '../../fixtures/streaming-contract.js';
import { transportContract } from '../../fixtures/transport-contract.js';
import { unaskedContract } from '../../fixtures/unasked-contract.js';

transportContract('axios');
streamingContract('axios');
sentContract('axios');
unaskedContract('axios');

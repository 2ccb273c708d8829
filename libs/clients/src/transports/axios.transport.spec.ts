import { transportContract } from '../fixtures/transport-contract.js';

transportContract('axios');

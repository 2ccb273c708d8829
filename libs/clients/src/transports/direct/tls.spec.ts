import { tlsContract } from '../../fixtures/tls-contract.js';

tlsContract('direct');
tlsContract('undici');

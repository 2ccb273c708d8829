// Starts the app in one process: node main.js
import module from 'node:module';

// First: everything else needs Node.js 24.
await import('./app/supported-node.js');

// Code that Node.js compiled is kept in cache/ where that can be written; a start without it takes longer.
module.enableCompileCache({ directory: `${import.meta.dirname}/cache`, portable: true });
await import('./app/main.js');

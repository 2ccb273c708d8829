import '@frontage/core/supported-node';
export { createGateway, type Gateway, type GatewayAddress } from './create-gateway.js';
export type { AppDescription, EndpointDescription } from './runtime/describe.js';
export { InjectClient } from './nest/inject-client.decorator.js';
export { FrontageModule } from './nest/frontage.module.js';
export type { GatewayOptions } from './runtime/gateway.options.js';
export { valid } from './body/valid.pipe.js';
export { Screen } from './screens/screen.decorator.js';
export { serveUntilSignal } from './serve-until-signal.js';

export { createGateway, type Gateway, type GatewayAddress } from './create-gateway.js';
export type { AppDescription, EndpointDescription } from './describe.js';
export { InjectClient } from './inject-client.decorator.js';
export { FrontageModule } from './frontage.module.js';
export type { GatewayOptions } from './gateway.options.js';
export { Screen } from './screen.decorator.js';
export { serveUntilSignal } from './serve-until-signal.js';

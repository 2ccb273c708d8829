import { createGateway } from '@frontage/gateway';
import { WebModule } from './web.module.js';

await createGateway(WebModule).listen();

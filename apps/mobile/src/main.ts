import { createGateway } from '@frontage/gateway';
import { MobileModule } from './mobile.module.js';

await createGateway(MobileModule).listen();

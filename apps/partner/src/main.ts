import { createGateway } from '@frontage/gateway';
import { PartnerModule } from './partner.module.js';

await createGateway(PartnerModule).listen();

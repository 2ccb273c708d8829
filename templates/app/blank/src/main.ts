import { createGateway } from '@frontage/gateway';
import { __Name__Module } from './__name__.module.js';

await createGateway(__Name__Module).listen();

import { HttpModule, HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { HTTP_SERVICE } from './http-service.js';

/** Brings @nestjs/axios into an app of which an upstream has `transport: axios`; loaded there alone. */
@Module({
  imports: [HttpModule],
  providers: [{ provide: HTTP_SERVICE, useExisting: HttpService }],
  exports: [HTTP_SERVICE],
})
export class AxiosModule {}

import { Body, Controller, Logger, Post } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { InjectLogger, type AppLogger } from '@frontage/gateway';

// The code of docs/logs.md, word for word.
@Public()
@Controller('reservations')
export class ReservationController {
  readonly #log: AppLogger;
  readonly #nest = new Logger('Stock');

  constructor(@InjectLogger() log: AppLogger) {
    this.#log = log;
  }

  @Post()
  reserve(@Body() { sku, recipient }: { sku: string; recipient: string }): object {
    this.#log.info('reserved', { sku, recipient });
    this.#nest.debug('2 left');
    return { sku };
  }
}

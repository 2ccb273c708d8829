import { Controller, Get, Injectable, Param, Put } from '@nestjs/common';
import { isDeclared, type Client } from '@frontage/clients';
import { Public } from '@frontage/auth';
import { InjectClient } from '@frontage/gateway';
import * as orders from '@frontage/upstreams/orders';

type Orders = Client<typeof orders>;

/** Belongs to no request: the caller passes the client of its request. */
@Injectable()
export class Cancellations {
  readonly #orders: Orders;

  constructor(@InjectClient(orders) client: Orders) {
    this.#orders = client;
  }

  async cancel(id: string, client: Orders = this.#orders): Promise<string> {
    const order = await client.cancelOrder({ path: { id }, body: { reason: 'CHANGED_MIND' } });
    return order.status;
  }
}

@Controller('orders')
@Public()
export class OrdersController {
  constructor(private readonly cancellations: Cancellations) {}

  /** Deadline, cancellation, trace and caller of the request hold for the call. */
  @Get(':id/number')
  async number(@Param('id') id: string, @InjectClient(orders) client: Orders) {
    const order = await client.getOrder({ path: { id } });
    return { number: order.number };
  }

  /** An error that the contract declares has its type; every other one becomes the problem that a screen would return. */
  @Get(':id/reason')
  async reason(@Param('id') id: string, @InjectClient(orders) client: Orders) {
    try {
      const order = await client.getOrder({ path: { id } }, { timeoutMs: 200 });
      return { reason: order.cancelledBecause ?? 'not cancelled' };
    } catch (error) {
      if (isDeclared(error, orders.getOrder, '404')) return { reason: error.body.title };
      throw error;
    }
  }

  @Put(':id/cancellation')
  async cancel(@Param('id') id: string, @InjectClient(orders) client: Orders) {
    return {
      ofTheRequest: await this.cancellations.cancel(id, client),
      ofNoRequest: await this.cancellations.cancel(id),
    };
  }
}

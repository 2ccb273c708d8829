import { given, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import * as carts from '@frontage/upstreams/carts';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { z } from 'zod';

const addToCart = plan(
  'shop.cart.add',
  { input: { caller: given<Caller>(), body: z.object({ sku: z.string() }) }, deadlineMs: 800 },
  ({ caller, body }) => ({
    cart: write(
      carts.addCartItem,
      { path: { customerId: caller.subject }, body: { sku: body.sku, quantity: 1 } },
      { invalidates: ['cart:{customerId}'] },
    ),
  }),
);

const showCart = plan('shop.cart.show', { input: { caller: given<Caller>() }, deadlineMs: 800 }, ({ caller }) => ({
  cart: required(carts.getCart, { path: { customerId: caller.subject } }),
}));

@Controller('cart')
@Access()
export class CartController {
  @Get()
  @Screen(screen(showCart, ({ cart }) => pick(cart, 'id', 'itemCount')))
  show(@Caller() caller: Caller) {
    return { caller };
  }

  @Post()
  @Screen(screen(addToCart, ({ cart }) => pick(cart, 'id', 'itemCount')))
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}

/** Its service names the groups of its responses. */
const addToGroupedCart = plan(
  'shop.groupedCart.add',
  { input: { caller: given<Caller>(), body: z.object({ sku: z.string() }) }, deadlineMs: 800 },
  ({ caller, body }) => ({
    cart: write(carts.addCartItem, {
      path: { customerId: caller.subject },
      body: { sku: body.sku, quantity: 1 },
    }),
  }),
);

@Controller('cart')
@Access()
export class GroupedCartController {
  @Get()
  @Screen(screen(showCart, ({ cart }) => pick(cart, 'id', 'itemCount')))
  show(@Caller() caller: Caller) {
    return { caller };
  }

  @Post()
  @Screen(screen(addToGroupedCart, ({ cart }) => pick(cart, 'id', 'itemCount')))
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}

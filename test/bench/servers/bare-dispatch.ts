// The fastest plain code we know for home-5, with the checks that nobody would leave out: this is what 1.00 means.
import { createServer } from 'node:http';
import { Pool, type Dispatcher } from 'undici';

interface User {
  readonly name: string;
  readonly tier: string;
  readonly points: number;
}
interface Cart {
  readonly count: number;
  readonly total: number;
}
interface Product {
  readonly id: string;
  readonly title: string;
  readonly price: unknown;
  readonly image: string;
  readonly rating: number;
}
interface Products {
  readonly items: readonly Product[];
}
interface Notifications {
  readonly unread: number;
}

const maxBytes = 2 ** 21;
const pool = new Pool(process.env['UPSTREAM'] ?? '', { connections: 64, pipelining: 1 });

class Collect implements Dispatcher.DispatchHandler {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: Error) => void;
  chunks: Buffer | undefined = undefined;
  constructor(resolve: (value: unknown) => void, reject: (cause: Error) => void) {
    this.resolve = resolve;
    this.reject = reject;
  }
  onRequestStart(): void {}
  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status !== 200) controller.abort(new Error(`status ${status}`));
  }
  onResponseData(controller: Dispatcher.DispatchController, data: Buffer): void {
    this.chunks = this.chunks === undefined ? data : Buffer.concat([this.chunks, data]);
    if (this.chunks.length > maxBytes) controller.abort(new Error('too large'));
  }
  onResponseEnd(): void {
    this.resolve(JSON.parse(this.chunks?.toString('utf8') ?? ''));
  }
  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.reject(cause);
  }
}

const get = <T>(path: string): Promise<T> =>
  new Promise<unknown>((resolve, reject) => {
    pool.dispatch({ path, method: 'GET' }, new Collect(resolve, reject));
  }) as Promise<T>;

async function home(): Promise<string> {
  const [user, cart, recs, products, notifications] = await Promise.all([
    get<User>('/users'),
    get<Cart>('/cart'),
    get<Products>('/recs'),
    get<Products>('/products'),
    get<Notifications>('/notifications'),
  ]);
  return JSON.stringify({
    user: { name: user.name, tier: user.tier, points: user.points },
    cart: { count: cart.count, total: cart.total },
    recommended: recs.items.map((x) => ({ id: x.id, title: x.title, price: x.price, image: x.image })),
    products: products.items.map((x) => ({
      id: x.id,
      title: x.title,
      price: x.price,
      image: x.image,
      rating: x.rating,
    })),
    unread: notifications.unread,
  });
}

createServer((_, response) => {
  home().then(
    (body) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body),
    () => response.writeHead(502).end(),
  );
}).listen(Number(process.env['PORT']), '127.0.0.1');

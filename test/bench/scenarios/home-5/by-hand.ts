import type { Cart, Notifications, ProductList, User } from '../../libs/upstreams/home5/home5.gen.js';
import type { Get } from '../by-hand.js';

export async function home(get: Get): Promise<object> {
  const [user, cart, recs, products, notifications] = await Promise.all([
    get<User>('/users'),
    get<Cart>('/cart'),
    get<ProductList>('/recs'),
    get<ProductList>('/products'),
    get<Notifications>('/notifications'),
  ]);
  return {
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
  };
}

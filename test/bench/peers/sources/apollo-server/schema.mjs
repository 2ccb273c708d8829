// The fields of home-5 as a GraphQL schema, and its screen as a query.
export const typeDefs = `
type Query { user: User! cart: Cart! recs: Products! products: Products! notifications: Notifications! }
type User { name: String! tier: String! points: Int! }
type Cart { count: Int! total: Int! }
type Products { items: [Product!]! }
type Product { id: String! title: String! price: Price! image: String! rating: Float! }
type Price { amount: Int! currency: String! }
type Notifications { unread: Int! }
`;

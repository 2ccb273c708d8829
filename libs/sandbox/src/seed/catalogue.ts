/** The products of the shop. One row per product; everything else follows from its row, so that all values agree. */
interface Row {
  readonly id: string;
  readonly name: string;
  readonly brand: string;
  readonly category: string;
  /** Minor units of EUR. */
  readonly price: number;
  readonly listPrice?: number;
  readonly status?: 'PREORDER' | 'DISCONTINUED';
  readonly weightGrams?: number;
  readonly tags?: readonly string[];
  readonly about: string;
  /** Pieces in stock; 0 means sold out. */
  readonly stock: number;
  readonly restockOn?: string;
}

// prettier-ignore
const rows: readonly Row[] = [
  { id: 'p-101', name: 'Aria wireless headphones', brand: 'Northsound', category: 'headphones', price: 14900, listPrice: 17900, weightGrams: 254, tags: ['wireless', 'bestseller'], about: 'Closed headphones with thirty hours of play and a quiet that does not press.', stock: 84 },
  { id: 'p-102', name: 'Aria Mini earbuds', brand: 'Northsound', category: 'headphones', price: 7900, weightGrams: 48, tags: ['wireless'], about: 'Small, light, and back to half charge in ten minutes.', stock: 3 },
  { id: 'p-103', name: 'Studio One headphones', brand: 'Kessler', category: 'headphones', price: 22900, weightGrams: 310, about: 'Open and wired, for those who mix.', stock: 12 },
  { id: 'p-104', name: 'Harbor portable speaker', brand: 'Northsound', category: 'speakers', price: 9900, listPrice: 11900, weightGrams: 620, tags: ['wireless', 'outdoor'], about: 'Floats, plays on, and does not mind sand.', stock: 41 },
  { id: 'p-105', name: 'Shelf speaker pair', brand: 'Kessler', category: 'speakers', price: 39900, weightGrams: 7800, about: 'A pair for a shelf, with a streamer built in.', stock: 0, restockOn: '2026-12-18' },
  { id: 'p-106', name: 'Lindgren turntable', brand: 'Lindgren', category: 'speakers', price: 28900, weightGrams: 5400, tags: ['vinyl'], about: 'Belt drive, and a lid that closes softly.', stock: 7 },
  { id: 'p-201', name: 'Pocket Pro phone 256 GB', brand: 'Orbit', category: 'phones', price: 89900, weightGrams: 187, tags: ['5g', 'bestseller'], about: 'A camera that sees at night and a battery that sees the next day.', stock: 33 },
  { id: 'p-202', name: 'Pocket phone 128 GB', brand: 'Orbit', category: 'phones', price: 54900, listPrice: 59900, weightGrams: 171, tags: ['5g'], about: 'The smaller one, with all that is needed.', stock: 58 },
  { id: 'p-203', name: 'Fold phone 512 GB', brand: 'Orbit', category: 'phones', price: 149900, status: 'PREORDER', weightGrams: 239, tags: ['5g', 'new'], about: 'Opens to a tablet, closes to a phone.', stock: 0, restockOn: '2027-01-15' },
  { id: 'p-204', name: 'Leather phone case', brand: 'Tann', category: 'accessories', price: 3900, weightGrams: 40, about: 'Gets better looking every year.', stock: 210 },
  { id: 'p-205', name: 'Braided USB-C cable 2 m', brand: 'Cordwell', category: 'accessories', price: 1490, weightGrams: 60, tags: ['bestseller'], about: 'Long enough for the sofa.', stock: 800 },
  { id: 'p-206', name: 'Travel charger 65 W', brand: 'Cordwell', category: 'accessories', price: 4490, weightGrams: 130, about: 'Three ports, four plugs, one charger.', stock: 96 },
  { id: 'p-301', name: 'Feather 13 laptop', brand: 'Orbit', category: 'laptops', price: 119900, listPrice: 129900, weightGrams: 1190, tags: ['bestseller'], about: 'Silent, light, and awake before the lid is up.', stock: 19 },
  { id: 'p-302', name: 'Feather 15 laptop', brand: 'Orbit', category: 'laptops', price: 149900, weightGrams: 1480, about: 'The same with room to work.', stock: 5 },
  { id: 'p-303', name: 'Desk dock', brand: 'Cordwell', category: 'office', price: 17900, weightGrams: 420, about: 'Two screens, one cable.', stock: 25 },
  { id: 'p-304', name: 'Quiet keyboard', brand: 'Tacto', category: 'office', price: 10900, weightGrams: 780, tags: ['wireless'], about: 'Keys that the next desk does not hear.', stock: 67 },
  { id: 'p-305', name: 'Upright mouse', brand: 'Tacto', category: 'office', price: 5900, weightGrams: 110, tags: ['wireless'], about: 'The wrist says thanks.', stock: 54 },
  { id: 'p-306', name: 'Monitor 27 inch 4K', brand: 'Vista', category: 'office', price: 44900, weightGrams: 6100, about: 'Sharp, matt, and as bright as daylight.', stock: 14 },
  { id: 'p-307', name: 'Desk lamp', brand: 'Lindgren', category: 'office', price: 8900, listPrice: 9900, weightGrams: 1300, about: 'Light where it is needed, and none where it is not.', stock: 2 },
  { id: 'p-401', name: 'Filter coffee machine', brand: 'Morgen', category: 'kitchen', price: 18900, weightGrams: 3900, tags: ['bestseller'], about: 'Six cups at the right temperature.', stock: 22 },
  { id: 'p-402', name: 'Burr grinder', brand: 'Morgen', category: 'kitchen', price: 12900, weightGrams: 2700, about: 'From espresso to press.', stock: 31 },
  { id: 'p-403', name: 'Gooseneck kettle', brand: 'Morgen', category: 'kitchen', price: 7900, weightGrams: 1100, about: 'Pours as slowly as you do.', stock: 45 },
  { id: 'p-404', name: 'Toaster for two', brand: 'Hestia', category: 'kitchen', price: 5900, status: 'DISCONTINUED', about: 'Two slices, one lever.', stock: 0 },
  { id: 'p-405', name: 'Gift card', brand: 'Shop', category: 'gifts', price: 5000, about: 'For those who know best themselves.', stock: 9999 },
];

const imageSizes = [160, 320, 640, 1280] as const;

export const picture = (path: string, ratio = 1) =>
  imageSizes.map((width) => ({
    url: `https://img.shop.example/${path}/${width}.jpg`,
    width,
    height: Math.round(width / ratio),
  }));

export const euros = (amount: number) => ({ amount, currency: 'EUR' });

export const skuOf = (productId: string): string => `SKU-${productId.slice(2)}`;

const day = (offset: number): string => new Date(Date.UTC(2026, 0, 5 + offset)).toISOString().slice(0, 10);

export const products = rows.map((row, index) => ({
  id: row.id,
  sku: skuOf(row.id),
  name: row.name,
  brand: row.brand,
  status: row.status ?? 'ACTIVE',
  price: euros(row.price),
  listPrice: row.listPrice === undefined ? null : euros(row.listPrice),
  images: picture(`products/${row.id}/main`),
  ...(row.weightGrams !== undefined && row.weightGrams > 200 && { gallery: galleryOf(row) }),
  ...(row.tags?.includes('bestseller') && { subtitle: 'Chosen by many' }),
  description: row.about,
  categoryId: row.category,
  attributes: attributesOf(row),
  tags: row.tags ?? [],
  weightGrams: row.weightGrams ?? null,
  ean: row.category === 'gifts' ? null : `40${String(5900000000 + index * 7919).padStart(11, '0')}`,
  releasedOn: day(index * 9),
  updatedAt: `${day(200 + index * 4)}T08:30:00Z`,
}));

export type Product = (typeof products)[number];

export const productsById: ReadonlyMap<string, Product> = new Map(products.map((product) => [product.id, product]));
export const productsBySku: ReadonlyMap<string, Product> = new Map(products.map((product) => [product.sku, product]));

export const stock = rows.map(stockOf);

export const categories = [
  {
    id: 'audio',
    name: 'Audio',
    children: [
      { id: 'headphones', name: 'Headphones', children: [] },
      { id: 'speakers', name: 'Speakers and turntables', children: [] },
    ],
  },
  {
    id: 'mobile',
    name: 'Phones',
    children: [
      { id: 'phones', name: 'Phones', children: [] },
      { id: 'accessories', name: 'Cases, cables, chargers', children: [] },
    ],
  },
  {
    id: 'computing',
    name: 'Computing',
    children: [
      { id: 'laptops', name: 'Laptops', children: [] },
      { id: 'office', name: 'Desk and office', children: [] },
    ],
  },
  { id: 'kitchen', name: 'Kitchen', children: [] },
  { id: 'gifts', name: 'Gifts', children: [] },
] as const;

function stateOf(row: Row): string {
  if (row.stock > 5) return 'IN_STOCK';
  if (row.stock > 0) return 'LOW';
  return row.restockOn === undefined ? 'OUT_OF_STOCK' : 'BACKORDER';
}

function galleryOf(row: Row) {
  return [
    { alt: `${row.name}, from the side`, variants: picture(`products/${row.id}/side`) },
    { alt: `${row.name}, in use`, variants: picture(`products/${row.id}/use`, 1.5) },
  ];
}

function attributesOf(row: Row) {
  return [
    { name: 'Brand', value: row.brand },
    ...(row.weightGrams === undefined ? [] : [{ name: 'Weight', value: String(row.weightGrams), unit: 'g' }]),
    ...(row.tags?.includes('wireless') ? [{ name: 'Connection', value: 'Bluetooth 5.4' }] : []),
    { name: 'Warranty', value: '24', unit: 'months' },
  ];
}

function stockOf(row: Row) {
  return {
    sku: skuOf(row.id),
    available: row.stock,
    state: stateOf(row),
    restockOn: row.restockOn ?? null,
    ...(row.price > 50000 && { maxPerOrder: 3 }),
    warehouses: [
      { id: 'ber-1', country: 'DE', quantity: Math.ceil(row.stock / 2) },
      { id: 'rtm-1', country: 'NL', quantity: Math.floor(row.stock / 2) },
    ].filter(({ quantity }) => quantity > 0),
    updatedAt: '2026-11-20T06:00:00Z',
  };
}

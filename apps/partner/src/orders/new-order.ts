import { z } from 'zod';

/** Header names arrive in lower case. */
export const NewOrderHeader = z.object({
  'idempotency-key': z
    .string()
    .min(8)
    .max(128)
    .regex(/^[\w.:-]+$/, "letters, digits, '_', '.', ':' and '-' only")
    .meta({ examples: ['order-4711'] }),
});

const Line = z.object({ sku: z.string().min(1).max(64), quantity: z.int().min(1).max(999) });

const Address = z.object({
  recipient: z.string().min(1).max(100),
  line1: z.string().min(1).max(100),
  line2: z.string().max(100).nullable().default(null),
  postalCode: z.string().min(1).max(12),
  city: z.string().min(1).max(100),
  country: z.string().regex(/^[A-Z]{2}$/, 'two capital letters (ISO 3166-1 alpha-2)'),
});

/** The articles of an order and the address of delivery: a known one, or a new one. */
export const NewOrder = z
  .object({
    lines: z.array(Line).min(1).max(100),
    addressId: z.string().min(1).max(64).optional(),
    shippingAddress: Address.optional(),
    reference: z.string().min(1).max(64).optional(),
    note: z.string().max(500).optional(),
  })
  .refine(({ addressId, shippingAddress }) => (addressId === undefined) !== (shippingAddress === undefined), {
    path: ['addressId'],
    message: 'give addressId or shippingAddress, and not both',
  })
  .meta({
    examples: [{ lines: [{ sku: 'SKU-304', quantity: 3 }], addressId: 'ad-ada-1', reference: 'PO-5000' }],
  });

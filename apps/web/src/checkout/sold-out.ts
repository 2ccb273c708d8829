interface Wanted {
  readonly sku: string;
  readonly quantity: number;
}

interface Available {
  readonly sku: string;
  readonly available: number;
}

/** Articles whose quantity over all lines exceeds the stock; an unknown article is one of them. */
export function soldOutSkus(lines: readonly Wanted[], stock: readonly Available[]): readonly string[] {
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  const available = new Map(stock.map((one) => [one.sku, one.available]));
  return [...wanted].filter(([sku, quantity]) => quantity > (available.get(sku) ?? 0)).map(([sku]) => sku);
}

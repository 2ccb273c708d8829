/** A value of a discriminator. Its mapping has texts alone; the member itself may be a number or a boolean. */
export type TagValue = string | number | boolean;
export type TagType = 'string' | 'integer' | 'number' | 'boolean';

export const isTagValue = (value: unknown): value is TagValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Texts of a mapping as values of the type that the tag has; a text that is none of that type is not among them. */
export function typedValues(texts: readonly string[], type: TagType): readonly TagValue[] {
  if (type === 'string') return texts;
  if (type === 'boolean')
    return texts.flatMap((text) => (text === 'true' || text === 'false' ? [text === 'true'] : []));
  return texts.flatMap((text) => {
    const number = Number(text);
    const isOne = text.trim() !== '' && Number.isFinite(number) && (type === 'number' || Number.isInteger(number));
    return isOne ? [number] : [];
  });
}

/** A schema for one of these values. */
export function tagSchema(values: readonly TagValue[]): { readonly type: string; readonly enum: readonly TagValue[] } {
  const types = new Set(values.map((value) => typeof value));
  const type = types.has('string') ? 'string' : types.has('number') ? 'number' : 'boolean';
  return { type: type === 'number' && values.every(Number.isInteger) ? 'integer' : type, enum: [...values] };
}

import { reserved } from '../client/upstream-clients.js';

const verbs =
  /^(?:get|list|find|fetch|retrieve|search|read|show|load|query|lookup|create|add|new|make|update|put|post|patch|set|change|delete|remove|cancel|send|start|stop)(?=[A-Z_0-9])/i;

/** `getUser` is `user`, `list_orders_by_customer` is `ordersByCustomer`. */
export function nounOf(operation: string): string {
  const name = camel(operation);
  return camel(name.replace(verbs, '')) || name;
}

/** The first of these that is no reserved word and not taken, else the first one with a number. It is taken then. */
export function claimName(wanted: readonly string[], taken: Set<string>): string {
  const isFree = (name: string): boolean => name !== '' && !taken.has(name) && !reserved.has(name);
  let name = wanted.find(isFree);
  for (let count = 2; name === undefined; count++) name = [`${wanted[0] ?? 'part'}${count}`].find(isFree);
  taken.add(name);
  return name;
}

/** `order-history` and `OrderHistory` are `orderHistory`; never begins with a digit. */
export function camel(text: string): string {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const joined = words.map((word, index) => (index === 0 ? lowerFirst(word) : upperFirst(word))).join('');
  return /^\p{N}/u.test(joined) ? `of${joined}` : joined;
}

export const pascal = (text: string): string => upperFirst(camel(text));

/** `SKU` is `sku`, `URLOf` is `urlOf`. */
const lowerFirst = (word: string): string =>
  word.replace(/^\p{Lu}+(?=\p{Lu}\p{Ll}|$|\P{L})|^\p{Lu}/u, (start) => start.toLowerCase());
const upperFirst = (word: string): string => word.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

/** The name of one item of a list: `orders` is `order`, `categories` is `category`; `item` where no word is left. */
export function itemName(list: string): string {
  const name = camel(list);
  const one = name.endsWith('ies') && name.length > 4 ? `${name.slice(0, -3)}y` : name.replace(/([^su])s$/, '$1');
  return one === name || one === '' || reserved.has(one) ? 'item' : one;
}

/** Words for people who call: a service of ours names them by the subject of their token. */
const people = /^(?:user|customer|consumer|account|member|profile|person|buyer|shopper)s?$/i;

/** True if a parameter names a person: `customerId`, or `{id}` behind `/users`. */
export function isPersonParameter(name: string, path: string): boolean {
  const words = /^(.+?)[-_]?(?:id|Id|ID|uuid|key)$/.exec(name)?.[1];
  if (words !== undefined) return people.test(words);
  if (!/^(?:id|uuid|key)$/i.test(name)) return false;
  return people.test(collectionBefore(name, path));
}

/** The segment before a parameter: `users` of `/users/{id}`. */
export function collectionBefore(name: string, path: string): string {
  const segments = path.split('/');
  return segments[segments.indexOf(`{${name}}`) - 1] ?? '';
}

/** True if a part names a person: that of `getUser`. */
export const isPerson = (noun: string): boolean => people.test(noun);

/** `productId`, `product_id` and `product-id` of the part `product`. */
export const namesIdOf = (parameter: string, noun: string): boolean =>
  [`${noun}id`, `${noun}uuid`].includes(parameter.toLowerCase().replaceAll(/[-_]/g, ''));

import { table } from '@frontage/core';

/** One line per customer of the seed; their ids are the subjects of tokens. */
export interface SeedAddress {
  readonly id: string;
  readonly label: string | null;
  readonly recipient: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
  readonly purposes: readonly ('SHIPPING' | 'BILLING')[];
  readonly isDefault: boolean;
}

const portrait = (id: string) => ({ url: `https://img.shop.example/people/${id}/96.jpg`, width: 96, height: 96 });

export const users = [
  {
    id: 'ada',
    name: 'Ada Lovelace',
    nickname: 'Ada',
    email: 'ada@shop.example',
    phone: '+442079460001',
    tier: 'GOLD',
    points: 4210,
    locale: 'en-GB',
    currency: 'EUR',
    memberSince: '2019-12-10',
    birthday: '1990-12-10',
    avatar: portrait('ada'),
    preferences: { newsletter: true, channels: ['EMAIL', 'PUSH'], favouriteCategory: 'audio' },
  },
  {
    id: 'grace',
    name: 'Grace Hopper',
    email: 'grace@shop.example',
    phone: null,
    tier: 'SILVER',
    points: 730,
    locale: 'en-US',
    currency: 'EUR',
    memberSince: '2022-05-03',
    avatar: portrait('grace'),
    preferences: { newsletter: false, channels: ['EMAIL'], favouriteCategory: null },
  },
  {
    id: 'linus',
    name: 'Linus Torvalds',
    nickname: 'Linus',
    email: 'linus@shop.example',
    phone: null,
    tier: 'BASIC',
    points: 0,
    locale: 'fi-FI',
    currency: 'EUR',
    memberSince: '2026-08-25',
    avatar: null,
    preferences: { newsletter: false, channels: [], favouriteCategory: null },
  },
  {
    id: 'acme',
    name: 'Acme Trading GmbH',
    email: 'purchasing@acme.example',
    phone: '+493055550100',
    tier: 'SILVER',
    points: 0,
    locale: 'de-DE',
    currency: 'EUR',
    memberSince: '2021-02-01',
    avatar: null,
    preferences: { newsletter: false, channels: ['EMAIL'], favouriteCategory: 'office' },
  },
] as const;

export const addresses: Readonly<Record<string, readonly SeedAddress[]>> = table({
  ada: [
    {
      id: 'ad-ada-1',
      label: 'Home',
      recipient: 'Ada Lovelace',
      line1: '12 St James Square',
      line2: 'Flat 3',
      postalCode: 'SW1Y 4LB',
      city: 'London',
      country: 'GB',
      purposes: ['SHIPPING', 'BILLING'],
      isDefault: true,
    },
    {
      id: 'ad-ada-2',
      label: 'Office',
      recipient: 'Ada Lovelace',
      line1: '1 Engine Works',
      line2: null,
      postalCode: 'E1 6AN',
      city: 'London',
      country: 'GB',
      purposes: ['SHIPPING'],
      isDefault: false,
    },
  ],
  grace: [
    {
      id: 'ad-grace-1',
      label: null,
      recipient: 'Grace Hopper',
      line1: 'Havenstraat 9',
      line2: null,
      postalCode: '1012 AB',
      city: 'Amsterdam',
      country: 'NL',
      purposes: ['SHIPPING', 'BILLING'],
      isDefault: true,
    },
  ],
  linus: [],
  acme: [
    {
      id: 'ad-acme-1',
      label: 'Warehouse',
      recipient: 'Acme Trading GmbH',
      line1: 'Lagerstr. 40',
      line2: 'Tor 2',
      postalCode: '10115',
      city: 'Berlin',
      country: 'DE',
      purposes: ['SHIPPING', 'BILLING'],
      isDefault: true,
    },
  ],
});

export const paymentMethods: Readonly<Record<string, readonly object[]>> = table({
  ada: [
    {
      id: 'pm-ada-1',
      kind: 'CARD',
      label: 'Visa ending in 4242',
      isDefault: true,
      card: { brand: 'VISA', lastDigits: '4242', expiryMonth: 11, expiryYear: 2028 },
    },
    { id: 'pm-ada-2', kind: 'WALLET', label: 'Wallet', isDefault: false, card: null, wallet: 'PayFriend' },
  ],
  grace: [
    {
      id: 'pm-grace-1',
      kind: 'CARD',
      label: 'Mastercard ending in 4444',
      isDefault: true,
      card: { brand: 'MASTERCARD', lastDigits: '4444', expiryMonth: 2, expiryYear: 2027 },
    },
  ],
  linus: [],
  acme: [{ id: 'pm-acme-1', kind: 'INVOICE', label: 'Invoice, 30 days', isDefault: true, card: null }],
});

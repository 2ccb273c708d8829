import { describe, expect, it } from 'vitest';
import { classifyNames } from './classified-names.js';
import { describeValue } from './describe-value.js';
import { describeError } from './describe-error.js';
import { redact } from './redact.js';

describe('the values of classified members', () => {
  it('stay in texts until a contract classifies their names, and are taken out in every spelling from then on', () => {
    const texts = ['{"postalCode":"10115","city":"Berlin"}', 'postal_code=10115&x=1', 'got Postal-Code: 10115, page 2'];
    expect(texts.map((text) => redact(text))).toEqual(texts);
    classifyNames(['postalCode', 'recipient']);
    expect(texts.map((text) => redact(text))).toEqual([
      '{"postalCode":"[redacted]","city":"Berlin"}',
      'postal_code=[redacted]&x=1',
      'got Postal-Code: [redacted], page 2',
    ]);
    expect(describeError(new Error('no such "recipient": "Ada Lovelace"')).message).toBe(
      'no such "recipient": "[redacted]"',
    );
  });

  it('stay in a sentence where their name is a word of every day, and nowhere else', () => {
    classifyNames(['name', 'label']);
    const sentences = ['no such name: orders', 'TypeError: label: expected a text'];
    expect(sentences.map((text) => redact(text))).toEqual(sentences);
    expect(redact('{"name":"Ada","label": "x"} name=Ada, GET /users?label=blue')).toBe(
      '{"name":"[redacted]","label": "[redacted]"} name=[redacted], GET /users?label=[redacted]',
    );
    expect(redact('no such "name": Ada')).toBe('no such "name": [redacted]');
    expect(describeValue({ user: { Name: 'Ada', age: 36 } })).toEqual({ user: { Name: '[redacted]', age: 36 } });
  });

  it('are taken out for a bounded number of names', () => {
    const many = Array.from({ length: 10_001 }, (_, at) => `member${at}`);
    expect(() => classifyNames(many)).toThrow('more than 10000 names of members are classified');
    expect(redact('member17=x')).toBe('member17=[redacted]');
  });
});

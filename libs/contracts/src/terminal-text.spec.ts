import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalLine, terminalText } from './terminal-text.js';

const hostile = {
  'a colour': ['\u001b[31mred', '\\u001b[31mred'],
  'a link (OSC 8)': ['\u001b]8;;https://evil.example\u0007here', '\\u001b]8;;https://evil.example\\u0007here'],
  'a control of C1': ['\u009b2J', '\\u009b2J'],
  'a carriage return that writes over its line': ['refused\rgenerated', 'refused\\u000dgenerated'],
  'a backspace': ['a\bb', 'a\\u0008b'],
  'a mark that turns the direction': ['\u202egpj.exe', '\\u202egpj.exe'],
  'an isolate': ['\u2066a\u2069', '\\u2066a\\u2069'],
  'an invisible character': ['a\u200bb\ufeff\u00ad', 'a\\u200bb\\ufeff\\u00ad'],
  'a separator of lines': ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
  'half a surrogate pair': ['a\ud800', 'a\\ud800'],
  'a tag': ['\u{e0041}', '\\udb40\\udc41'],
} as const;

describe('text for a terminal', () => {
  it.each(Object.entries(hostile))('shows %s instead of obeying it', (_, [text, shown]) => {
    expect(terminalText(text)).toBe(shown);
    expect(terminalLine(text)).toBe(shown);
  });

  it('leaves letters of all scripts, line breaks and tabs as they are', () => {
    const text = 'Žluťoučký kůň\tשלום\r\n日本語 🎉 العربية\n';
    expect(terminalText(text)).toBe(text);
  });

  it('keeps one line on one line', () => {
    expect(terminalLine('a\nwrote apps/x\r\nb')).toBe('a\\nwrote apps/x\\r\\nb');
  });

  it('never holds a control or a format character, and escaping twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = terminalText(text);
        expect(shown).not.toMatch(/[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\n\r\t]]/v);
        expect(terminalText(shown)).toBe(shown);
        expect(terminalLine(text)).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it('means the same where it is JSON', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (value) => {
        const json = JSON.stringify(value) ?? 'null';
        expect(JSON.stringify(JSON.parse(terminalText(json)))).toBe(JSON.stringify(JSON.parse(json)));
      }),
    );
  });
});

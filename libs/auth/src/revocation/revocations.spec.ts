import { ManualClock } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { Revocations, type RevocationTable } from './revocations.js';

class Table implements RevocationTable {
  readonly kept = new Map<string, string>();
  changes = 0;
  isDown = false;
  #use<T>(value: T): Promise<T> {
    return this.isDown ? Promise.reject(new Error('down')) : Promise.resolve(value);
  }
  version(): Promise<string> {
    return this.#use(String(this.changes));
  }
  entries(): Promise<ReadonlyMap<string, string>> {
    return this.#use(new Map(this.kept));
  }
  async put(name: string, value: string): Promise<void> {
    await this.#use(undefined);
    this.kept.set(name, value);
    this.changes++;
  }
  async remove(names: readonly string[]): Promise<void> {
    await this.#use(undefined);
    for (const name of names) this.kept.delete(name);
    if (names.length > 0) this.changes++;
  }
}

const hour = 3_600_000;
describe('revocations', () => {
  it('are known to the other processes of the app within a second', async () => {
    const clock = new ManualClock();
    const table = new Table();
    const [one, other] = [
      new Revocations({ keepMs: hour, table, clock }),
      new Revocations({ keepMs: hour, table, clock }),
    ];
    await Promise.all([one.start(), other.start()]);
    const facts = { subject: 'ada', id: 'j', issuedAt: clock.wallTime() - 1 };
    const before = other.epoch;
    await one.revoke({ subject: 'ada' });
    expect([one.isRevoked(facts), other.isRevoked(facts)]).toEqual([true, false]);
    await clock.advance(1_001);
    expect([other.isRevoked(facts), other.epoch === before]).toEqual([true, false]);
    expect(other.isRevoked({ ...facts, subject: 'grace' })).toBe(false);
    expect(other.isRevoked({ ...facts, issuedAt: clock.wallTime() })).toBe(false);
    one.stop();
    other.stop();
  });

  it('are known to a process that starts later, and stay while the store is down', async () => {
    const clock = new ManualClock();
    const table = new Table();
    await new Revocations({ keepMs: hour, table, clock }).revoke({ id: 'j' });
    const late = new Revocations({ keepMs: hour, table, clock });
    await late.start();
    expect(late.isRevoked({ subject: 'ada', id: 'j', issuedAt: clock.wallTime() + hour })).toBe(true);
    table.isDown = true;
    await clock.advance(5_000);
    expect(late.isRevoked({ subject: 'ada', id: 'j' })).toBe(true);
    await expect(late.revoke({ id: 'k' })).rejects.toThrow('down');
    expect(late.isRevoked({ subject: 'ada', id: 'k' })).toBe(true);
    table.isDown = false;
    await clock.advance(1_001);
    expect(late.isRevoked({ subject: 'ada', id: 'k' })).toBe(true);
    late.stop();
  });

  it('that the table lacks are written to it when it is back: those of a time without it, and those that it lost', async () => {
    const clock = new ManualClock();
    const table = new Table();
    const one = new Revocations({ keepMs: hour, table, clock });
    await one.start();
    await one.revoke({ id: 'early' });
    table.isDown = true;
    await expect(one.revoke({ subject: 'ada' })).rejects.toThrow('down');
    await clock.advance(2_000);
    table.isDown = false;
    await clock.advance(1_001);
    expect([...table.kept.keys()]).toEqual(['id early', 'subject ada']);
    // A store without persistence begins again at its first version.
    table.kept.clear();
    table.changes = 0;
    await clock.advance(1_001);
    expect([...table.kept.keys()]).toEqual(['id early', 'subject ada']);
    const { changes } = table;
    await clock.advance(5_000);
    expect(table.changes).toBe(changes);
    one.stop();
  });

  it('end when they are not needed any more, in the table too', async () => {
    const clock = new ManualClock();
    const table = new Table();
    const revocations = new Revocations({ keepMs: hour, table, clock });
    await revocations.revoke({ id: 'a' });
    await clock.advance(hour + 1);
    expect(revocations.isRevoked({ subject: 'ada', id: 'a' })).toBe(false);
    await revocations.revoke({ id: 'b' });
    expect([...table.kept.keys()]).toEqual(['id b']);
    expect(revocations.size).toBe(1);
  });

  it('of all tokens never move back to an earlier time', async () => {
    const clock = new ManualClock();
    const revocations = new Revocations({ keepMs: hour, clock });
    const now = clock.wallTime();
    await revocations.revoke({ issuedBefore: now });
    await revocations.revoke({ issuedBefore: now - hour });
    expect(revocations.isRevoked({ subject: 'ada', issuedAt: now - 1 })).toBe(true);
    expect(revocations.isRevoked({ subject: 'ada', issuedAt: now })).toBe(false);
    expect(revocations.isRevoked({ subject: 'ada', issuedAt: now - 1, isKey: true })).toBe(false);
  });

  it('cannot be mixed up: a subject with the text of another kind is a subject', async () => {
    const revocations = new Revocations({ keepMs: hour, clock: new ManualClock() });
    await revocations.revoke({ subject: 'all' });
    await revocations.revoke({ id: 'subject ada' });
    expect(revocations.isRevoked({ subject: 'ada', id: 'x', issuedAt: 1 })).toBe(false);
    expect(revocations.isRevoked({ subject: 'all', issuedAt: 1 })).toBe(true);
  });
});

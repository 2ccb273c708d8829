import { describe, expect, it } from 'vitest';
import { isTimeout, whyNoStore, whyNotServing } from './redis-replies.js';

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });

describe('an error reply', () => {
  it.each([
    ["READONLY You can't write against a read only replica.", 'READONLY'],
    ["READONLY You can't write against a read only replica. script: 1f, on @user_script:3.", 'READONLY'],
    ["ERR Error running script (call to f_1f): @user_script:3: -READONLY You can't write", 'READONLY'],
    ['ERR Error running script (call to f_1f): @user_script: 3: OOM command not allowed', 'OOM'],
    ['LOADING Redis is loading the dataset in memory', 'LOADING'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'MASTERDOWN'],
    ['CLUSTERDOWN The cluster is down', 'CLUSTERDOWN'],
    ['MOVED 3999 10.0.0.7:6381', 'MOVED'],
    ['ASK 3999 10.0.0.7:6381', 'ASK'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'TRYAGAIN'],
    ['BUSY Redis is busy running a script.', 'BUSY'],
    ['UNKILLABLE Sorry the script already executed write commands', 'UNKILLABLE'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM'],
    ['MISCONF Redis is configured to save RDB snapshots', 'MISCONF'],
    ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS'],
    ['NOAUTH Authentication required.', 'NOAUTH'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'WRONGPASS'],
    ["NOPERM this user has no permissions to run the 'evalsha' command", 'NOPERM'],
  ])('means that the server cannot serve: %s', (message, word) => {
    expect(whyNotServing(reply(message))).toBe(word);
  });

  it.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'NOSCRIPT No matching script. Please use EVAL.',
    'ERR unknown command',
    'ERR READONLYISH is no word of a server',
  ])('is about a command: %s', (message) => {
    expect(whyNotServing(reply(message))).toBeUndefined();
  });

  it('is not the error of a lost connection', () => {
    expect(whyNotServing(new Error('READONLY said a socket'))).toBeUndefined();
    expect(whyNotServing('READONLY')).toBeUndefined();
    expect(isTimeout(new Error('Command timed out'))).toBe(true);
  });
});

describe('a server, by its INFO', () => {
  it.each([
    ['redis_version:7.0.15\r\nredis_mode:standalone\r\n', undefined],
    ['redis_version:7.0.15\r\nredis_mode:cluster\r\n', 'is a node of a Redis Cluster'],
    ['redis_version:7.0.15\r\nredis_mode:sentinel\r\n', 'is a Redis Sentinel'],
    ['dragonfly_version:1\r\n', undefined],
    ['redis_mode:constructor\r\n', undefined],
    ['', undefined],
  ])('%j', (info, says) => {
    const why = whyNoStore(info);
    if (says === undefined) expect(why).toBeUndefined();
    else expect(why).toContain(says);
  });
});

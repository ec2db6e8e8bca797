import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder, openDataFolder, readRecord, writeRecord } from './data-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = { pid: 7, nodeID: 'n', natsUrl: 'nats://127.0.0.1:4222', httpUrl: 'http://localhost:3000', startedAt: 1 };

describe('the data folder', () => {
  it('is made when it is not there', () => {
    const nested = join(folder, 'a', 'b');
    expect(openDataFolder({ SOUK_DATA: nested })).toBe(nested);
    expect(existsSync(nested)).toBe(true);
  });

  it('given a file in its place, then one line names the variable', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => openDataFolder({ SOUK_DATA: file })).toThrow(/^SOUK_DATA: the data folder .*file cannot be written \(ENOTDIR/);
    expect(() => openDataFolder({ SOUK_DATA: join(file, 'below') })).toThrow(/^SOUK_DATA: .*ENOTDIR/);
  });

  it('given a place that takes no entries, then it is refused at once', () => {
    expect(() => openDataFolder({ SOUK_DATA: join(process.platform === 'linux' ? '/proc' : '/dev/null', 'a', 'b') })).toThrow(
      /^SOUK_DATA: /,
    );
  });
});

describe('the lock', () => {
  it('given a live owner, then a second one is refused and told who it is', () => {
    const lock = lockDataFolder(folder);
    writeRecord(folder, record);
    expect(() => lockDataFolder(folder)).toThrow(/^Souk already runs on .* \(process 7 at http:\/\/localhost:3000\)/);
    lock.release();
  });

  it('given that it was released, then it can be taken again', () => {
    lockDataFolder(folder).release();
    lockDataFolder(folder).release();
  });

  it('given an owner that was killed, then it is free', () => {
    const code = `new (require('node:sqlite').DatabaseSync)(process.argv[1]).exec('BEGIN EXCLUSIVE'); process.kill(process.pid, 'SIGKILL')`;
    expect(spawnSync(process.execPath, ['-e', code, join(folder, 'lock')]).signal).toBe('SIGKILL');
    lockDataFolder(folder).release();
  });
});

describe('the record of a run', () => {
  it('is found again, the newest one', () => {
    writeRecord(folder, record);
    expect(readRecord(folder)).toEqual(record);
    writeRecord(folder, { ...record, stoppedAt: 2 });
    expect(readRecord(folder)).toMatchObject({ pid: 7, stoppedAt: 2 });
  });

  it.each(['', '{', 'null', '{"pid":0,"natsUrl":""}'])('given the damaged text %j, then there is none', (text) => {
    writeFileSync(join(folder, 'souk.json'), text);
    expect(readRecord(folder)).toBeUndefined();
  });
});

// What the replay page must show, worked out from the records by another way than the page's: a plain list a window, with every page.
import { readFileSync } from 'node:fs';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function readRecords(file) {
  return readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
}

/** Windows that have a length, each with accesses, seen and tier of every page. */
export function expectedWindows(records) {
  const pages = records.find((r) => r.kind === 'run').footprint_bytes / 4096;
  let tier = Array(pages).fill(2), page = 0, field = [], number = [];
  const windows = [];
  for (const record of records) {
    if (record.event === 'replay') {
      windows.push({ ...record, accesses: Array(pages).fill(0), seen: Array(pages).fill(0), tier: (tier = [...tier]) });
      page = 0;
    }
    if (record.event !== 'replay_pages') continue;
    for (const c of record.pages) {
      number.push(DIGITS.indexOf(c) % 32);
      if (DIGITS.indexOf(c) >= 32) continue;
      field.push(number.reduceRight((value, digit) => value * 32 + digit, 0));
      number = [];
      if (field.length < 3) continue;
      const [distance, accesses, both] = field, window = windows.at(-1);
      page += distance;
      window.accesses[page] = accesses;
      window.seen[page] = (both - (both % 4)) / 4;
      tier[page] = both % 4;
      field = [];
    }
  }
  return windows.filter((w) => w.end_ns > w.start_ns);
}

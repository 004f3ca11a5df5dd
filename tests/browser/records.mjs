// The records of replay=1 against those of heat=1 of the same run: node records.mjs RECORDS. A line a check.
import { expectedWindows, readRecords } from './expected.mjs';

const records = readRecords(process.argv[2]);
const heat = records.filter((r) => r.event === 'heat' && r.end_ns > r.start_ns), windows = expectedWindows(records);
const bins = (values, each) => Array.from({ length: Math.ceil(values.length / each) }, (_, b) =>
  values.slice(b * each, (b + 1) * each).reduce((a, v) => a + v, 0));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const check = (name, right) => console.log(right ? `ok replay.${name}` : `not ok replay.${name} # replay and heat differ`);

check('windows', windows.length > 10 && same(windows.map((w) => [w.start_ns, w.end_ns]), heat.map((h) => [h.start_ns, h.end_ns])));
check('accesses', windows.every((w, i) => same(bins(w.accesses, heat[i].bin_pages), heat[i].accesses)));
check('seen', windows.every((w, i) => (w.looked_at ? same(bins(w.seen, heat[i].bin_pages), heat[i].seen) : heat[i].seen === null)));
check('fast', windows.every((w, i) => same(bins(w.tier.map((t) => Number(t === 0)), heat[i].bin_pages), heat[i].fast_pages)));
check('requests', windows.every((w, i) => w.fast_requests === heat[i].fast_requests && w.slow_requests === heat[i].slow_requests));
const summary = records.find((r) => r.kind === 'summary'), from = records.find((r) => r.event === 'phase' && r.name === 'measured').start_ns;
const before = windows.filter((w) => w.end_ns <= from).at(-1), last = windows.at(-1);
check('ledger', ['workload', 'track', 'classify', 'migrate', 'fault', 'serial', 'other'].every((account) =>
  Math.abs(last[`${account}_ns`] - before[`${account}_ns`] - summary[`${account}_ns`]) <= 2)); // each is rounded

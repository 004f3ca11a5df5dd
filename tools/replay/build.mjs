// Puts a page together that replays one or two runs: node build.mjs MODULES OUT REASONS RECORDS [RECORDS]. MODULES is where npm has put
// what package.json names; REASONS a file with the sentences of all reasons, {"lru 0": "..."}, or '' when no run has orders. The page is one file: styles, scripts and data are in it, and nothing is fetched.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readRun } from './records.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [modules, out, reasonsFile, ...files] = process.argv.slice(2);
const SCRIPTS = ['unpack.js', 'map.js', 'panels.js', 'history.js', 'reasons.js', 'page.js'];

const reasons = reasonsFile ? JSON.parse(readFileSync(reasonsFile, 'utf8')) : {};
const runs = files.map((file) => {
  const run = readRun(readFileSync(file, 'utf8'), reasons);
  if (!run) {
    console.error(`tierlab: ${file} has no replay: make the run with replay=1`);
    process.exit(7);
  }
  return run;
});

const own = (name) => readFileSync(join(here, name), 'utf8');
const uplot = (name) => readFileSync(join(modules, 'uplot/dist', name), 'utf8');
const parts = {
  styles: uplot('uPlot.min.css') + own('page.css'),
  library: uplot('uPlot.iife.min.js'),
  scripts: SCRIPTS.map(own).join('\n'),
  // Text in an element of its own, which no character of base64 can end.
  data: gzipSync(JSON.stringify(runs), { level: 9 }).toString('base64'),
};
writeFileSync(out, own('page.html').replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]));

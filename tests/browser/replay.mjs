// The replay page in a browser: node replay.mjs PAGE WHY RECORDS, for one run; PAGE WHY RECORDS RECORDS for two, of which the second
// has no orders. WHY is a directory; a file of it has a page's number as its name and what the command why says of it. A line a check.
import { readdirSync, readFileSync } from 'node:fs';
import { expectedWindows, readRecords } from './expected.mjs';
import { KEYS, startBrowser, until } from './driver.mjs';

const [page, whyPlace, ...files] = process.argv.slice(2);
const records = files.map(readRecords), runs = records.map(expectedWindows), [windows] = runs, two = runs.length > 1 ? 'two_' : '';
const sum = (values) => values.reduce((a, v) => a + v, 0);
const check = (name, right, why = '') => console.log(right ? `ok replay.page_${two}${name}` : `not ok replay.page_${two}${name} # ${why}`);
const same = (name, got, want) => check(name, JSON.stringify(got) === JSON.stringify(want), `${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
const ms = (ns) => (ns / 1e6).toFixed(2);

const browser = await startBrowser();
const text = (id) => browser.run('return document.getElementById(arguments[0]).textContent', id);
const screen = async (width, scheme) => {
  await browser.devtools('Emulation.setDeviceMetricsOverride', { width, height: 1000, deviceScaleFactor: 1, mobile: false });
  await browser.devtools('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
};
const steps = [...new Set(runs.flatMap((run) => run.map((w) => w.end_ns)))].sort((a, b) => a - b);
const inWindow = (run, at) => run.find((w) => steps[at] <= w.end_ns) || run.at(-1);
const facts = (n) => Promise.all(['time', 'accesses', 'seen', 'pages-in-fast', 'served-fast'].map((name) => text(`run-${n}-${name}`)));
const wanted = (run, w) => {
  const before = run[run.indexOf(w) - 1] || { fast_requests: 0, slow_requests: 0 };
  const fast = w.fast_requests - before.fast_requests, slow = w.slow_requests - before.slow_requests;
  return [`${ms(w.start_ns)} to ${ms(w.end_ns)} ms`, String(sum(w.accesses)), w.looked_at ? String(sum(w.seen)) : 'not looked',
    String(w.tier.filter((t) => t === 0).length), fast + slow ? `${((fast * 100) / (fast + slow)).toFixed(2)} %` : '-'];
};
const history = (n) => browser.run(`return [...document.querySelectorAll('#run-' + arguments[0] + ' .history tbody tr')].map(
  (row) => [...row.cells].map((cell) => cell.textContent))`, n);
const wantedHistory = (run, number) => run.map((w) => [ms(w.end_ns), String(w.accesses[number]), w.looked_at ? String(w.seen[number]) : 'not looked',
  ['fast', 'slow', 'not touched yet'][w.tier[number]]]);
// Through a canvas of its own: reading the page's makes Chromium complain on the console.
const pixel = (x, y) => browser.run(`const c = document.querySelector('.map');
  const own = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  own.drawImage(c, Math.floor(arguments[0] * c.width), Math.floor(arguments[1] * c.height), 1, 1, 0, 0, 1, 1);
  return [...own.getImageData(0, 0, 1, 1).data]`, x, y);

try {
  await screen(1300, 'light');
  const late = Math.floor(steps.length / 2); // an address may choose
  await browser.open(`file://${page}${two && `#page=7&ms=${(steps[late] - 1) / 1e6}&rows=peak`}`);
  await until('the page is ready', () => browser.run('return document.body.dataset.ready'));
  if (two) {
    same('address_time', await browser.run('return Number(document.getElementById("time").value)'), late);
    same('address_rows', await browser.run('return document.getElementById("order").value'), 'peak');
    check('address_page', (await browser.run('return document.querySelector(".told").textContent')).startsWith('Page 7: '), 'page 7 is not chosen');
    await browser.run('const o = document.getElementById("order"); o.value = "address"; o.dispatchEvent(new Event("change", { bubbles: true }))');
  }
  same('fetches_nothing', await browser.run('return performance.getEntriesByType("resource").map((r) => r.name).filter((n) => !n.startsWith("data:"))'), []);

  // The slider, by keys alone; it moves every panel, and the numbers are those of the records.
  await browser.run('document.getElementById("time").focus()');
  for (const [at, keys] of [[0, KEYS.home], [3, KEYS.right.repeat(3)], [2, KEYS.left], [steps.length - 1, KEYS.end]]) {
    await browser.type(keys);
    for (const [n, run] of runs.entries()) same(`numbers_${at}_${n}`, await facts(n), wanted(run, inWindow(run, at)));
  }
  same('slider_moves_panels', await browser.run('return [...document.querySelectorAll(".panel")].map((p) => Number(p.dataset.at))'),
    runs.flatMap((run) => Array(3).fill(run.at(-1).end_ns / 1e6)));
  await browser.run('document.activeElement.blur()');
  await browser.type(KEYS.home + KEYS.left);
  same('arrows_without_focus', await browser.run('return Number(document.getElementById("time").value)'), steps.length - 2);
  await browser.type(KEYS.space);
  await until('it has played to the end and stopped', () => browser.run(`return document.getElementById('time').value === document.getElementById('time').max &&
    document.getElementById('play').textContent === 'Play'`));
  check('plays', true);

  // A page by its number, typed.
  const busy = windows[0].accesses.findIndex((_, number) => windows.some((w, i) => i && w.tier[number] !== windows[0].tier[number]));
  await browser.run('const p = document.getElementById("page"); p.value = ""; p.focus()');
  await browser.type(`${busy}${KEYS.tab}`);
  for (const [n, run] of runs.entries()) same(`history_${n}`, await history(n), wantedHistory(run, busy));
  check('history_tells_moves', / moved (up|down) by /.test(await browser.run('return document.querySelector(".told").textContent')), `page ${busy} moves`);

  // Why it was ordered, or not: the sentences of the command.
  const reasons = (n) => browser.run('return document.querySelector("#run-" + arguments[0] + " .reasons").textContent', n);
  const asked = readdirSync(whyPlace).map(Number);
  for (const number of asked) {
    await browser.run('const p = document.getElementById("page"); p.focus(); p.value = arguments[0]; p.dispatchEvent(new Event("change"))', number);
    same(`why_${asked.indexOf(number)}`, await reasons(0), readFileSync(`${whyPlace}/${number}`, 'utf8').trimEnd());
  }
  if (two) check('why_needs_events', (await reasons(1)).includes('make it with events=1'), await reasons(1));

  // A click on the map: its row's pages, its window. Lowest addresses are at the bottom, a row has as many pages as it says.
  const map = await browser.find('.map'), size = await browser.run('const c = document.querySelector(".map"); return [c.clientWidth, c.clientHeight]');
  const each = Math.ceil(windows[0].tier.length / 256), rows = Math.ceil(windows[0].tier.length / each), end = windows.at(-1).end_ns;
  const target = windows[Math.floor(windows.length / 2)], row = 5;
  await browser.clickAt(map, ((target.start_ns + target.end_ns) / 2 / end - 0.5) * size[0], (0.5 - (row + 0.5) / rows) * size[1]);
  same('click_window', (await facts(0))[0], wanted(windows, target)[0]);
  const clicked = (w, values) => sum(values.slice(row * each, (row + 1) * each));
  same('click_history', (await history(0)).map((r) => r.slice(0, 3)),
    windows.map((w) => [ms(w.end_ns), String(clicked(w, w.accesses)), w.looked_at ? String(clicked(w, w.seen)) : 'not looked']));
  // The row's ordered pages are there to choose from, by keys as well.
  const orders = records[0].filter((r) => r.event === 'orders').flatMap((r) => r.orders.map(([number]) => number));
  const offered = (r) => [...Array(each).keys()].map((i) => r * each + i).filter((number) => orders.includes(number))
    .map((number) => [number, orders.filter((n) => n === number).length]);
  const buttons = () => browser.run('return [...document.querySelectorAll("#run-0 .reasons button")].map((b) => b.textContent)');
  const spoken = ([number, n]) => `${number}: ${n === 1 ? 'once' : `${n} times`}`;
  same('row_offers', await buttons(), offered(row).map(spoken));
  await browser.type(KEYS.up); // the map has the focus now
  check('keys_choose_row', (await browser.run('return document.querySelector(".told").textContent')).includes(`${(row + 1) * each}`), 'one row up');

  const many = [...Array(rows).keys()].find((r) => offered(r).length > 1 && offered(r).length < each); // some of its pages
  await browser.clickAt(map, 0, (0.5 - (many + 0.5) / rows) * size[1]);
  same('row_offers_many', await buttons(), offered(many).map(spoken));
  await browser.run('document.querySelectorAll("#run-0 .reasons button")[1].focus()');
  await browser.type(KEYS.enter);
  same('row_page_picked', await browser.run('return document.getElementById("page").value'), String(offered(many)[1][0]));
  check('row_page_told', (await reasons(0)).startsWith('ordered '), await reasons(0));
  check('focus_stays', await browser.run('return document.activeElement.className === "reasons"'), 'the focus is lost');
  await browser.clickAt(map, 0, (0.5 - (row + 0.5) / rows) * size[1]);

  // The map of tiers: light where all pages of a row are fast, dark where none is. The last window, where nothing is chosen.
  await browser.run('document.activeElement.blur()');
  await browser.type('p');
  const share = (w, r) => { const tiers = w.tier.slice(r * each, (r + 1) * each); return tiers.filter((t) => t === 0).length / tiers.length; };
  const look = windows[1], rowWith = (part) => [...Array(rows).keys()].find((r) => Math.abs(r - row) > 3 && share(look, r) === part);
  for (const [name, part, colour] of [['fast', 1, [252, 255, 164, 255]], ['slow', 0, [0, 0, 4, 255]]])
    same(`colour_${name}`, await pixel((look.start_ns + look.end_ns) / 2 / end, 1 - (rowWith(part) + 0.5) / rows), colour);
  await browser.run('const o = document.getElementById("order"); o.value = "hottest"; o.dispatchEvent(new Event("change", { bubbles: true }))');
  check('order', !(await browser.run('return document.getElementById("failed").hidden === false')), 'an order fails');

  for (const scheme of ['dark', 'light']) {
    await screen(360, scheme);
    // Each map and curve is drawn anew when it learns of its size: one after the other.
    await until('the page has become narrow', () => browser.run('return [...document.querySelectorAll(".map, canvas")].every((e) => e.clientWidth <= 360)'));
    const wide = await browser.run('return document.documentElement.scrollWidth');
    check(`narrow_${scheme}`, wide <= 360, `${wide} pixels wide on a screen of 360`);
    const contrast = await browser.run(`const light = (c) => c.match(/\\d+/g).slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((l, v, i) => l + v * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = light(getComputedStyle(document.body).backgroundColor);
      return [...document.querySelectorAll('.note, .why, dd, dt, th, td, label, h2')].map((e) => light(getComputedStyle(e).color)).map((ink) =>
        (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)).reduce((a, b) => Math.min(a, b)).toFixed(2)`);
    check(`contrast_${scheme}`, contrast >= 4.5, `text has a contrast of ${contrast}; 4.5 is needed (WCAG 2, 1.4.3)`);
    same(`scheme_${scheme}`, await browser.run('return getComputedStyle(document.body).backgroundColor'), { dark: 'rgb(22, 24, 28)', light: 'rgb(255, 255, 255)' }[scheme]);
  }
  same('says_nothing', (await browser.messages()).map((m) => m.message), []);
} catch (error) {
  console.log(`not ok replay.page_${two}goes_on # ${error.message.replaceAll('\n', ' ')}`);
} finally {
  await browser.quit();
}

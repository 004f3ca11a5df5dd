// The data of the page: runs as records.mjs has put them together, and what is computed from them once.

const NOWHERE = 2; // a page's tier before it is touched; 0 is fast, 1 slow
const DIGITS = new Map([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map((c, i) => [c, i]));

async function readData() {
  const packed = Uint8Array.from(atob(document.getElementById('data').textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}

/** The numbers of base64 VLQ text: digits of five bits, lowest first. */
function readNumbers(text) {
  const numbers = [];
  let value = 0, scale = 1;
  for (const c of text) {
    const digit = DIGITS.get(c);
    value += (digit & 31) * scale;
    scale *= 32;
    if (digit < 32) {
      numbers.push(value);
      value = 0;
      scale = 1;
    }
  }
  return numbers;
}

/**
 * Gives each window `ids`, `accesses` and `seen` (the pages with any, ascending), `tier` (of every page), and what the
 * window alone has of counters that the records count from the run's start. Windows without length are left out.
 * Gives the run `ordersOf`, the orders of each page that has any, and `last_tier`, of every page at the end.
 */
function unpack(run) {
  run.pages = run.config.footprint_bytes / 4096;
  let tier = new Uint8Array(run.pages).fill(NOWHERE), before = null;
  for (const window of run.windows) {
    const numbers = readNumbers(window.pages), count = numbers.length / 3;
    window.ids = new Uint32Array(count);
    window.accesses = new Uint32Array(count);
    window.seen = new Uint32Array(count);
    tier = window.tier = tier.slice();
    for (let i = 0, page = 0; i < count; i++) {
      page += numbers[3 * i];
      window.ids[i] = page;
      window.accesses[i] = numbers[3 * i + 1];
      window.seen[i] = Math.floor(numbers[3 * i + 2] / 4);
      tier[page] = numbers[3 * i + 2] % 4;
    }
    delete window.pages;
    window.own = {};
    for (const key in window)
      if (typeof window[key] === 'number' && !/^(start|end)_ns$/.test(key)) window.own[key] = window[key] - (before ? before[key] : 0);
    before = window;
  }
  run.last_tier = tier;
  run.windows = run.windows.filter((w) => w.end_ns > w.start_ns);
  run.end_ns = run.windows.at(-1).end_ns;
  run.ordersOf = new Map();
  for (const order of run.orders?.all ?? []) {
    const page = order[run.orders.fields.indexOf('page')];
    if (!run.ordersOf.has(page)) run.ordersOf.set(page, []);
    run.ordersOf.get(page).push(order);
  }
  return run;
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Share of a window's requests that the fast tier served, in per cent; null when there was none. */
function hitPercent(window) {
  const { fast_requests: fast, slow_requests: slow } = window.own;
  return fast + slow ? (fast * 100) / (fast + slow) : null;
}

/** What a page was in a window. */
function pageIn(window, page) {
  let low = 0, high = window.ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (window.ids[middle] < page) low = middle + 1;
    else high = middle;
  }
  const there = window.ids[low] === page;
  return { accesses: there ? window.accesses[low] : 0, seen: there ? window.seen[low] : 0, tier: window.tier[page] };
}

/** The pages in the order of the map's rows: by address, by all their accesses, or by when they had most. */
function orderPages(run, order) {
  const pages = Uint32Array.from({ length: run.pages }, (_, i) => i);
  if (order === 'address') return pages;
  const total = new Float64Array(run.pages), most = new Float64Array(run.pages), peak = new Float64Array(run.pages);
  const span = 8; // windows that are looked at together: one alone is noise
  run.windows.forEach((window, w) => {
    const recent = new Map();
    for (let back = Math.max(0, w - span + 1); order === 'peak' && back <= w; back++) {
      const { ids, accesses } = run.windows[back];
      ids.forEach((id, i) => recent.set(id, (recent.get(id) || 0) + accesses[i]));
    }
    for (const [id, n] of recent) if (n > most[id]) { most[id] = n; peak[id] = w; }
    window.ids.forEach((id, i) => { total[id] += window.accesses[i]; });
  });
  return pages.sort(order === 'hottest' ? (a, b) => total[b] - total[a] || a - b : (a, b) => peak[a] - peak[b] || total[b] - total[a] || a - b);
}

// What became of a page, or of the pages of a row, window by window: a sentence, and a table.

const TIERS = ['fast', 'slow', 'not touched yet'];
const ms = (ns) => (ns / 1e6).toFixed(2);

/** One object a window: accesses, seen (null where no tracker has looked), and the tier or how many pages are fast. */
function historyOf(run, pages) {
  return run.windows.map((window) => {
    const all = pages.map((page) => pageIn(window, page));
    const fast = all.filter((p) => p.tier === 0).length;
    return {
      start_ns: window.start_ns, end_ns: window.end_ns,
      accesses: sum(all.map((p) => p.accesses)),
      seen: window.looked_at ? sum(all.map((p) => p.seen)) : null,
      fast, tier: pages.length === 1 ? TIERS[all[0].tier] : `${fast} of ${pages.length} fast`,
    };
  });
}

function tell(history, pages) {
  const moves = history.slice(1).flatMap((now, i) => now.fast === history[i].fast ? [] :
    [`${now.fast > history[i].fast ? 'up' : 'down'} by ${ms(now.end_ns)} ms`]);
  const name = pages.length === 1 ? `Page ${pages[0]}` : `${pages.length} pages from page ${pages[0]}`;
  const looked = history.filter((h) => h.seen !== null);
  return `${name}: accessed in ${history.filter((h) => h.accesses).length} of ${history.length} windows, seen in ` +
    `${looked.filter((h) => h.seen).length} of ${looked.length} that a tracker looked at, ` +
    (moves.length ? `moved ${moves.slice(0, 8).join(', ')}${moves.length > 8 ? ` and ${moves.length - 8} times more` : ''}.` : 'never moved.');
}

function showHistory(run, pages, place) {
  const history = historyOf(run, pages);
  const table = document.createElement('table');
  table.innerHTML = '<thead><tr><th scope="col">until ms</th><th scope="col">accesses</th><th scope="col">seen</th><th scope="col">tier</th></tr></thead>';
  const body = table.createTBody();
  for (const h of history) {
    const row = body.insertRow();
    for (const text of [ms(h.end_ns), h.accesses, h.seen === null ? 'not looked' : h.seen, h.tier]) row.insertCell().textContent = text;
  }
  place.sentence.textContent = tell(history, pages);
  place.table.replaceChildren(table);
}

/** Marks the window that is shown, and brings it into view. */
function markHistory(place, window) {
  const rows = place.table.querySelectorAll('tbody tr');
  place.table.querySelector('tr.current')?.classList.remove('current');
  if (!rows.length) return;
  rows[window].classList.add('current');
  place.table.scrollTop = rows[window].offsetTop - place.table.clientHeight / 2;
}

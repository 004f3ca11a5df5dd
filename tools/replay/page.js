// The page: one time for all runs, what is chosen, and what the keys do.

const $ = (id) => document.getElementById(id);
const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};

class View { // of one run
  constructor(run, number, choose, choosePage) {
    this.run = run;
    this.pages = null; // that are chosen
    const { config } = run, name = `${config.workload} under ${config.policy}`;
    this.canvas = element('canvas', { className: 'map', tabIndex: 0 });
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', `Map of ${name}: pages by time`);
    this.scaleText = element('span');
    const bar = element('canvas', { width: 128, height: 1 }), context = bar.getContext('2d');
    for (let x = 0; x < 128; x++) {
      context.fillStyle = `rgb(${colour(x / 127).join()})`;
      context.fillRect(x, 0, 1, 1);
    }
    this.now = element('dl', { className: 'now' });
    this.history = { sentence: element('p', { className: 'note told', textContent: 'No page is chosen.' }),
      table: element('div', { className: 'history', tabIndex: 0 }), reasons: element('div', { className: 'reasons', tabIndex: 0 }) };
    this.history.sentence.setAttribute('role', 'status');
    this.history.table.setAttribute('aria-label', 'History, a row a window');
    this.history.reasons.setAttribute('role', 'group');
    this.history.reasons.setAttribute('aria-label', 'Reasons of orders');
    this.panelPlaces = PANELS.map(() => element('div', { className: 'panel' }));
    this.section = element('section', { id: `run-${number}` },
      element('h2', { textContent: `${name} (${config.run})` }),
      element('p', { className: 'note', textContent: `tracker ${config.tracker}, classifier ${config.classifier}, migrator ${config.migrator}, seed ${config.seed}; ` +
        `${run.pages} pages, fast tier ${config.fast_bytes / 4096}; time ${config.clock}` }),
      this.canvas,
      element('div', { className: 'scale' }, 'none ', bar, this.scaleText),
      this.now,
      ...PANELS.flatMap((spec, i) => [element('h3', { textContent: spec.title }), this.panelPlaces[i]]),
      element('h3', { textContent: 'History and reasons' }), this.history.sentence, this.history.reasons, this.history.table);
    $('runs').append(this.section);
    this.map = new HeatMap(run, this.canvas, this.scaleText);
    this.canvas.addEventListener('click', (event) => {
      const { row, ns } = this.map.at(event.offsetX, event.offsetY);
      choose(this, row, ns);
    });
    this.canvas.addEventListener('keydown', (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const last = this.map.rows.rows.length - 1, way = this.map.rows.order === 'address' ? -step : step;
      choose(this, this.row === null ? (way > 0 ? 0 : last) : Math.min(Math.max(this.row + way, 0), last), null);
    });
    this.choose = choose;
    // What was picked is gone with the row's list; the keys go on where it was.
    this.pick = (page) => { choosePage(page); this.history.reasons.focus(); };
  }

  get row() { return this.pages ? this.map.rows.rowOf[this.pages[0]] : null; }

  makePanels(onTime) {
    this.panelPlaces.forEach((place) => place.replaceChildren());
    this.panels = PANELS.map((spec, i) => new Panel(this.run, spec, this.panelPlaces[i], onTime));
  }

  show(ns) {
    const { windows } = this.run;
    let at = windows.findIndex((w) => ns < w.end_ns);
    if (at < 0) at = windows.length - 1;
    const window = windows[at], hits = hitPercent(window);
    this.window = at;
    const facts = {
      window: `${at + 1} of ${windows.length}`, time: `${ms(window.start_ns)} to ${ms(window.end_ns)} ms`,
      accesses: sum(window.accesses), seen: window.looked_at ? sum(window.seen) : 'not looked',
      'pages in fast': window.tier.reduce((n, tier) => n + (tier === 0), 0), 'served fast': hits === null ? '-' : `${hits.toFixed(2)} %`,
      'moved up': window.own.promoted_pages, 'moved down': window.own.demoted_pages,
    };
    this.now.replaceChildren(...Object.entries(facts).map(([name, value]) =>
      element('div', {}, element('dt', { textContent: name }), element('dd', { textContent: value, id: `${this.section.id}-${name.replaceAll(' ', '-')}` }))));
    this.map.draw(at, this.row);
    this.panels.forEach((panel) => panel.show(window.end_ns));
    markHistory(this.history, at);
  }

  take(pages) { // the pages whose history is shown
    this.pages = pages.every((page) => page < this.run.pages) ? pages : null;
    if (this.pages) {
      showHistory(this.run, pages, this.history);
      showReasons(this.run, pages, this.history.reasons, this.pick);
    } else {
      this.history.sentence.textContent = 'This run has no such page.';
      this.history.table.replaceChildren();
      this.history.reasons.replaceChildren();
    }
  }
}

function start(runs) {
  // A step is the end of a window of any run.
  const steps = [...new Set(runs.flatMap((run) => run.windows.map((w) => w.end_ns)))].sort((a, b) => a - b);
  const time = $('time');
  let playing = null;

  // Inside the window that ends at the step.
  const show = () => {
    const ns = steps[time.value] - 1;
    $('time-text').textContent = `${ms(steps[time.value])} ms`;
    views.forEach((view) => view.show(ns));
  };
  const goTo = (ns) => {
    const at = steps.findIndex((end) => ns < end);
    time.value = at < 0 ? steps.length - 1 : at;
    show();
  };
  const step = (by) => { time.value = Number(time.value) + by; show(); };
  const choose = (view, row, ns) => {
    const pages = view.map.rows.rows[row];
    $('page').value = pages.length === 1 ? pages[0] : '';
    views.forEach((other) => other.take(pages)); // the same pages in all runs
    if (ns === null) show(); else goTo(ns);
  };
  const choosePage = (page) => {
    $('page').value = page;
    views.forEach((view) => view.take([page]));
    show();
  };
  const views = runs.map((run, i) => new View(run, i, choose, choosePage));
  const play = (on) => {
    clearInterval(playing);
    playing = on ? setInterval(() => { if (Number(time.value) === steps.length - 1) play(false); else step(1); }, 150) : null;
    $('play').textContent = on ? 'Pause' : 'Play';
    $('play').setAttribute('aria-pressed', on);
  };
  const redraw = () => {
    const what = document.querySelector('[name=what]:checked').value;
    views.forEach((view) => view.map.show(what, $('order').value));
    show();
  };
  const makePanels = () => views.forEach((view) => view.makePanels(goTo));

  time.max = steps.length - 1;
  time.addEventListener('input', show);
  $('play').addEventListener('click', () => {
    if (!playing && Number(time.value) === steps.length - 1) time.value = 0;
    play(!playing);
  });
  $('what').addEventListener('change', redraw);
  $('order').addEventListener('change', redraw);
  $('page').addEventListener('change', () => {
    const page = Number($('page').value);
    if ($('page').value !== '' && Number.isInteger(page) && page >= 0) choosePage(page);
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input:not([type=radio]), select')) return;
    const what = { t: 'truth', s: 'seen', p: 'tier' }[event.key.toLowerCase()];
    if (what) {
      document.querySelector(`[name=what][value=${what}]`).checked = true;
      redraw();
    } else if (event.key === ' ' && !event.target.matches('button')) {
      $('play').click();
    } else if (event.target.type !== 'radio' && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      step(event.key === 'ArrowLeft' ? -1 : 1);
    } else return;
    event.preventDefault();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { makePanels(); redraw(); });
  new ResizeObserver(() => { views.forEach((view) => view.panels.forEach((panel) => panel.fit())); show(); }).observe($('runs'));
  makePanels();
  show();
  // An address may say what is shown first: #page=17&ms=120&rows=peak
  const first = new URLSearchParams(location.hash.slice(1));
  if (first.has('rows')) $('order').value = first.get('rows');
  if ($('order').selectedIndex < 0) $('order').value = 'address';
  if (first.has('rows')) redraw();
  if (/^\d+$/.test(first.get('page'))) choosePage(Number(first.get('page')));
  if (first.get('ms') > 0) goTo(first.get('ms') * 1e6);
  document.body.dataset.ready = 'true';
}

readData().then((runs) => start(runs.map(unpack))).catch((error) => {
  $('failed').hidden = false;
  $('failed').textContent = `This browser cannot show the page: ${error.message}`;
  throw error;
});

// The map of a run: rows of pages by windows of time, on a canvas.

const MAX_ROWS = 256;
// Inferno (S. van der Walt and N. Smith, matplotlib, 2015): dark is few, light is many, also without colours.
const INFERNO = ['000004', '1b0c42', '4b0c6b', '781c6d', 'a52c60', 'cf4446', 'ed6925', 'fb9a06', 'f7d03c', 'fcffa4']
  .map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));

function colour(part) { // 0 to 1
  const at = Math.min(Math.max(part, 0), 1) * (INFERNO.length - 1), low = Math.min(Math.floor(at), INFERNO.length - 2);
  return INFERNO[low].map((c, i) => Math.round(c + (INFERNO[low + 1][i] - c) * (at - low)));
}

/** Rows of pages in an order, and each row's pages. */
function makeRows(run, order) {
  const pages = orderPages(run, order), each = Math.ceil(run.pages / MAX_ROWS), rowOf = new Uint32Array(run.pages);
  const rows = [];
  pages.forEach((page, i) => {
    const row = Math.floor(i / each);
    rowOf[page] = row;
    (rows[row] ||= []).push(page);
  });
  return { order, each, rows, rowOf };
}

/** What the map shows: a value a row and window; NaN where no tracker has looked. Tiers are in per cent of the touched pages. */
function makeCells(run, { rows, rowOf }, what) {
  return run.windows.map((window) => {
    const cells = new Float64Array(rows.length);
    if (what === 'tier') {
      const touched = new Uint32Array(rows.length);
      window.tier.forEach((tier, page) => {
        cells[rowOf[page]] += tier === 0;
        touched[rowOf[page]] += tier !== NOWHERE;
      });
      return cells.map((fast, row) => (touched[row] ? (fast * 100) / touched[row] : NaN));
    }
    if (what === 'seen' && !window.looked_at) return cells.fill(NaN);
    const values = what === 'seen' ? window.seen : window.accesses;
    window.ids.forEach((page, i) => { cells[rowOf[page]] += values[i]; });
    return cells;
  });
}

class HeatMap {
  constructor(run, canvas, scale) {
    Object.assign(this, { run, canvas, scale });
    this.show('truth', 'address');
  }

  show(what, order) {
    if (this.rows?.order !== order) this.rows = makeRows(this.run, order);
    this.what = what;
    this.cells = makeCells(this.run, this.rows, what);
    this.most = what === 'tier' ? 100 : this.cells.reduce((most, column) => column.reduce((m, v) => (v > m ? v : m), most), 1);
    this.paint();
    const unit = { truth: 'accesses', seen: 'summed weight', tier: '% of its pages in the fast tier' }[what];
    this.scale.textContent = `to ${this.most.toLocaleString('en')} ${unit}, a row of ${this.rows.each} page${this.rows.each > 1 ? 's' : ''} and a window` +
      (what === 'tier' ? '' : ' (logarithmic)');
  }

  part(value) { // on the scale from 0 to 1
    return this.what === 'tier' ? value / 100 : Math.log1p(value) / Math.log1p(this.most);
  }

  /** Paints all cells once, a pixel each; draw() stretches that over the canvas. */
  paint() {
    const { cells, rows: { rows } } = this;
    this.image = new OffscreenCanvas(cells.length, rows.length);
    const context = this.image.getContext('2d'), data = context.createImageData(cells.length, rows.length);
    const empty = getComputedStyle(document.documentElement).getPropertyValue('--empty').trim().match(/\w\w/g).map((h) => parseInt(h, 16));
    cells.forEach((column, w) => column.forEach((value, row) => {
      // The lowest address is at the bottom, as in the other figures; of a ranking the first is at the top.
      const y = this.rows.order === 'address' ? rows.length - 1 - row : row;
      data.data.set([...(Number.isNaN(value) ? empty : colour(this.part(value))), 255], (y * cells.length + w) * 4);
    }));
    context.putImageData(data, 0, 0);
  }

  draw(window, row) {
    const { canvas, image, run } = this, ratio = devicePixelRatio || 1;
    const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio)));
    const height = (canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio)));
    const context = canvas.getContext('2d'), x = (ns) => (ns / run.end_ns) * width;
    context.imageSmoothingEnabled = false;
    run.windows.forEach((w, i) => context.drawImage(image, i, 0, 1, image.height, x(w.start_ns), 0, x(w.end_ns) - x(w.start_ns) + 1, height));
    const frame = (left, top, w, h) => { // to be seen on light and on dark
      for (const [style, thick] of [['#000000', 4], ['#ffffff', 2]]) {
        context.strokeStyle = style;
        context.lineWidth = thick * ratio;
        context.strokeRect(left, top, w, h);
      }
    };
    frame(x(run.windows[window].start_ns), 0, Math.max(x(run.windows[window].end_ns) - x(run.windows[window].start_ns), 2), height);
    if (row === null) return;
    const each = height / image.height, y = (this.rows.order === 'address' ? image.height - 1 - row : row) * each;
    frame(0, y, width, Math.max(each, 2 * ratio));
  }

  /** The row and window under a point of the canvas, in CSS pixels. */
  at(left, top) {
    const ns = (left / this.canvas.clientWidth) * this.run.end_ns;
    const line = Math.floor((top / this.canvas.clientHeight) * this.image.height), last = this.image.height - 1;
    const row = Math.min(Math.max(this.rows.order === 'address' ? last - line : line, 0), last);
    return { row, ns };
  }
}

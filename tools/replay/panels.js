// The panels below a map: curves over the same time, drawn by uPlot, with a line at the window that is shown.

const PANELS = [
  {
    title: 'Requests served by the fast tier (%)', range: [0, 100],
    series: [['served fast', hitPercent]],
  },
  {
    title: 'Ledger: where the processor\'s time went beside the workload (% of it)', range: null,
    series: ['track', 'classify', 'migrate', 'fault', 'serial', 'other'].map((name) => [name, (window) => ledgerPercent(window, name)]),
  },
  {
    title: 'Scores of a cycle', range: [0, 1], cycles: true,
    series: ['precision', 'recall', 'weighted_recall'].map((name) => [name.replace('_', ' '), (cycle) => cycle[name]]),
  },
];
const ACCOUNTS = ['workload', 'track', 'classify', 'migrate', 'fault', 'serial', 'other'];

function ledgerPercent(window, name) {
  const all = sum(ACCOUNTS.map((account) => window.own[`${account}_ns`]));
  return all ? (window.own[`${name}_ns`] * 100) / all : null;
}

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

class Panel {
  constructor(run, spec, place, onTime) {
    const items = spec.cycles ? run.cycles : run.windows;
    const data = [items.map((item) => item.end_ns / 1e6), ...spec.series.map(([, value]) => items.map(value))];
    // A window's value stands at its end and holds since its start; the first one's start needs a point of its own.
    if (!spec.cycles) data.forEach((column, i) => column.unshift(i ? column[0] : run.windows[0].start_ns / 1e6));
    const axis = { stroke: css('--ink'), grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line') } };
    this.at = 0;
    this.place = place;
    this.plot = new uPlot({
      width: place.clientWidth, height: 170, cursor: { drag: { setScale: false, x: false, y: false } },
      scales: { x: { time: false, range: [0, run.end_ns / 1e6] }, y: spec.range ? { range: spec.range } : {} },
      axes: [{ ...axis, label: 'modelled ms', labelSize: 18, size: 34 }, { ...axis, size: 50 }],
      series: [
        { label: 'ms', value: (_, v) => (v === null ? '-' : v.toFixed(2)) },
        ...spec.series.map(([label], i) => ({
          label, stroke: css(`--series-${i + 1}`), width: 2, dash: [[], [8, 4], [3, 3]][i % 3],
          paths: spec.cycles ? undefined : uPlot.paths.stepped({ align: -1 }), points: { show: spec.cycles },
          value: (_, v) => (v === null || v === undefined ? '-' : v.toFixed(3)),
        })),
      ],
      hooks: {
        draw: [(u) => {
          const x = u.valToPos(this.at, 'x', true);
          u.ctx.save();
          u.ctx.strokeStyle = css('--mark');
          u.ctx.setLineDash([]);
          u.ctx.lineWidth = 2 * devicePixelRatio;
          u.ctx.beginPath();
          u.ctx.moveTo(x, u.bbox.top);
          u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
          u.ctx.stroke();
          u.ctx.restore();
        }],
      },
    }, data, place);
    this.plot.over.addEventListener('click', (event) => onTime(this.plot.posToVal(event.offsetX, 'x') * 1e6));
    place.dataset.points = data[0].length;
  }

  show(ns) {
    this.at = ns / 1e6;
    this.place.dataset.at = this.at;
    this.plot.redraw(false);
  }

  fit() {
    if (this.place.clientWidth !== this.plot.width) this.plot.setSize({ width: this.place.clientWidth, height: 170 });
  }
}

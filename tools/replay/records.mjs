// A run's records (JSON Lines) as one object for the replay page: what the run was, its windows, its cycles' scores.
// The pages of a window stay the text that they are in the records (docs/counters.md); the page reads it in unpack.js.

/** The sentences of a classifier's reasons, by their numbers; keys that they name have their values. As in tools/why.jq. */
function sentencesOf({ classifier, keys }, reasons) {
  const withValues = (text) => text.replace(/\b\w+_\w+\b/g, (name) => (name in keys ? `${name}=${keys[name]}` : name));
  return Object.fromEntries(Object.entries(reasons).map(([name, text]) => [name.split(' '), text])
    .filter(([[of]]) => of === classifier).map(([[, number], text]) => [number, withValues(text)]));
}

/**
 * reasons: of all classifiers, {"lru 0": sentence, ...}
 * @returns null when the run was made without replay=1; its orders are null when it was made without events=1
 */
export function readRun(text, reasons) {
  const run = { windows: [], cycles: [], phases: [], orders: null };
  for (const line of text.split('\n')) {
    if (!line) continue;
    const record = JSON.parse(line);
    if (record.kind === 'run') {
      run.config = record;
      if (record.keys.events === 1) run.orders = { fields: [], all: [], left_out: 0, sentences: sentencesOf(record, reasons) };
    } else if (record.kind === 'summary') {
      run.summary = record;
    } else if (record.kind === 'window' && record.cycle) {
      const { end_ns, precision, recall, weighted_recall } = record;
      run.cycles.push({ end_ns, precision, recall, weighted_recall });
    } else if (record.event === 'phase') {
      run.phases.push({ name: record.name, start_ns: record.start_ns });
    } else if (record.event === 'orders') {
      run.orders.fields = record.fields;
      run.orders.left_out = record.left_out; // so far
      run.orders.all.push(...record.orders);
    } else if (record.event === 'replay') {
      const { schema, kind, run: id, event, ...window } = record;
      run.windows.push({ ...window, pages: '' });
    } else if (record.event === 'replay_pages') {
      // Within a window each record goes on where the last one ended.
      run.windows.at(-1).pages += record.pages;
    }
  }
  return run.windows.length && run.config ? run : null;
}

// A run's records (JSON Lines) as one object for the replay page: what the run was, its windows, its cycles' scores.
// The pages of a window stay the text that they are in the records (docs/counters.md); the page reads it in unpack.js.

/** @returns null when the run was made without replay=1 */
export function readRun(text) {
  const run = { windows: [], cycles: [], phases: [] };
  for (const line of text.split('\n')) {
    if (!line) continue;
    const record = JSON.parse(line);
    if (record.kind === 'run') {
      run.config = record;
    } else if (record.kind === 'summary') {
      run.summary = record;
    } else if (record.kind === 'window' && record.cycle) {
      const { end_ns, precision, recall, weighted_recall } = record;
      run.cycles.push({ end_ns, precision, recall, weighted_recall });
    } else if (record.event === 'phase') {
      run.phases.push({ name: record.name, start_ns: record.start_ns });
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

// Why the chosen pages were ordered to a tier, or were not, from what events=1 records: of one page the lines that
// `./run-qemu.sh why` prints (tools/why.jq; tests/cli/replay.sh compares them), of a row its ordered pages to choose from.

const OUTCOMES = { moved: 'moved', no_room: 'no room', gave_up: 'given up', gone: 'gone' };
const FACTS_FROM = 7; // fields before that are told by name; from there on each says what the tracker or classifier knew
const exactMs = (ns) => `${Math.round(ns / 1e3) / 1e3} ms`;
const times = (n) => (n === 1 ? 'once' : `${n} times`);

function orderLines(run, order) {
  const { fields, sentences } = run.orders, value = Object.fromEntries(fields.map((name, i) => [name, order[i]]));
  const facts = fields.slice(FACTS_FROM).filter((name) => value[name] !== null).map((name) => `${name} ${value[name]}`);
  return [
    `  to the ${value.to} tier at ${exactMs(value.taken_ns)}: ${sentences[value.reason] ?? `reason ${value.reason}`}`,
    `      ${facts.join(', ')}`,
    `      given ${exactMs(value.given_ns)}, taken ${exactMs(value.taken_ns)}, ${OUTCOMES[value.outcome]} ${exactMs(value.done_ns)}`,
  ];
}

/** What would have been needed, beside what there was. */
function neverLines(run, page) {
  const { windows, orders, config: { classifier } } = run, was = windows.map((window) => pageIn(window, page));
  let running = 0, longest = 0;
  for (const { seen } of was) {
    running = seen ? running + 1 : 0;
    longest = Math.max(longest, running);
  }
  return [
    `never ordered${orders.left_out ? `, as far as the records go: ${orders.left_out} orders are left out` : ''}`,
    `  accessed in ${was.filter((w) => w.accesses).length} of ${windows.length} windows, seen in ${was.filter((w) => w.seen).length}, ` +
      `in at most ${longest} running; at the end in the ${['fast', 'slow', 'no'][run.last_tier[page]]} tier`,
    classifier === 'none' ? '  there is no classifier: nobody orders anything' : '  orders of this classifier say:',
    ...Object.values(orders.sentences).map((sentence) => `      ${sentence}`),
  ];
}

function whyLines(run, page) {
  const orders = run.ordersOf.get(page);
  return orders ? [`ordered ${times(orders.length)}:`, ...orders.flatMap((order) => orderLines(run, order))] : neverLines(run, page);
}

/** Fills the place; choose is called with the number of a page that is picked from a row's. */
function showReasons(run, pages, place, choose) {
  const say = (text) => place.replaceChildren(element('pre', { className: 'why', textContent: text }));
  if (!run.orders) {
    say('Why pages are moved is not in the records of this run: make it with events=1 as well.');
  } else if (pages.length === 1) {
    say(whyLines(run, pages[0]).join('\n'));
  } else {
    const ordered = pages.filter((page) => run.ordersOf.has(page)).sort((a, b) => a - b);
    say(`${ordered.length || 'none'} of these ${pages.length} pages ${ordered.length === 1 ? 'was' : 'were'} ordered${ordered.length ? '; why, each tells:' : ''}`);
    place.append(...ordered.map((page) =>
      element('button', { type: 'button', textContent: `${page}: ${times(run.ordersOf.get(page).length)}`, onclick: () => choose(page) })));
  }
}

// In a notebook the page and a pass in Python are one: where it stands and what its leaves hold is told both ways.

const host = data.bound ? parent : null;
let waiting = null, lastState = null;       // null until it is told where the pass stands: what a page opens with undoes nothing

const stateNow = () => ({ step: passed(), numbers: shownLeaves.map(i => [i, values[i]]) });

// Soon, and once for many changes: a leaf that is dragged changes sixty times a second
function share() {
  if (!host || lastState === null || waiting !== null) return;
  waiting = setTimeout(() => {
    waiting = null;
    const state = stateNow(), text = JSON.stringify(state);
    if (text !== lastState && state.numbers.every(([, x]) => Number.isFinite(x))) host.postMessage({ stepper: state }, "*");
    lastState = text;
  }, 60);
}

function follows({ step, numbers, refused }) {
  for (const [i, x] of numbers) values[i] = x;
  compute();
  begin();
  lastState = JSON.stringify({ step, numbers: shownLeaves.map(i => [i, values[i]]) });
  go(step ? forwardSteps + step : Math.min(position, forwardSteps), false);
  if (refused) element("now").append(paragraph(refused, "warning"));
}

if (host) addEventListener("message", event => {
  if (event.source === host && event.data && event.data.stepper) { clearTimeout(waiting); waiting = null; follows(event.data.stepper); }
});

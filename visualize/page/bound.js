// In a notebook the page and a pass in Python are one: where it stands and what its leaves hold is told both ways.

const host = parent;
let waiting = null, lastState = null, unanswered = [];       // null until it is told where the pass stands: what a page opens with undoes nothing

const stateNow = () => ({ step: passed(), numbers: shownLeaves.map(i => [i, values[i]]) });

// Soon, and once for many changes: a leaf that is dragged changes sixty times a second
function share() {
  if (lastState === null || waiting !== null) return;
  waiting = setTimeout(() => {
    waiting = null;
    const state = stateNow(), text = JSON.stringify(state);
    if (text !== lastState && state.numbers.every(([, x]) => Number.isFinite(x))) {
      host.postMessage({ stepper: state }, "*");
      unanswered.push(text);
    }
    lastState = text;
  }, 60);
}

// Whether Python says no more than that it is where this page was: who goes on meanwhile is not to be taken back there
function isAnswer({ step, numbers, refused }) {
  const holds = new Map(numbers), at = unanswered.indexOf(JSON.stringify({ step, numbers: shownLeaves.map(i => [i, holds.get(i)]) }));
  unanswered = unanswered.slice(at + 1);
  return at >= 0 && !refused;
}

function follows({ step, numbers, refused }) {
  for (const [i, x] of numbers) values[i] = x;
  compute();
  begin();
  lastState = JSON.stringify({ step, numbers: shownLeaves.map(i => [i, values[i]]) });
  go(step ? forwardSteps + step : Math.min(position, forwardSteps), false);
  if (refused) element("now").append(paragraph(refused, "warning"));
}

addEventListener("message", event => {
  if (event.source === host && event.data && event.data.stepper) {
    if (isAnswer(event.data.stepper)) return;
    clearTimeout(waiting);
    waiting = null;
    unanswered = [];
    follows(event.data.stepper);
  }
});

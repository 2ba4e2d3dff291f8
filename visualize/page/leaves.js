// The leaves: their numbers, to be changed; their gradients; a check by nudging; steps of gradient descent.

const editable = node => node.kind === "leaf" || node.kind === "input" && !data.bound || node.kind === "root" && node.rule === undefined;
const firstUse = nodes.map(() => Infinity);   // the first step that a node is an operand of
nodes.forEach((node, i) => node.parents.forEach(parent => { firstUse[parent] = Math.min(firstUse[parent], computedAt[i]); }));
const shownLeaves = nodes.flatMap((node, i) => editable(node) ? [i] : []).sort((i, j) => firstUse[i] - firstUse[j] || i - j);

function set(i, x) {
  if (!Number.isFinite(x)) return;
  values[i] = x;
  compute();
  begin();
  go(position, false);
  if (!ledger.hidden) close();
}

// A change by about a hundredth, to a round number
function moved(x, steps) {
  const step = 10 ** (Math.floor(Math.log10(Math.max(Math.abs(x), 1))) - 2);
  return Number((Math.round(x / step + steps) * step).toPrecision(12));
}

const rootAt = (i, x) => { const tried = [...values]; tried[i] = x; forward(nodes, rules, tried); return tried[root]; };

function check(i) {
  const name = nodes[i].full, full = gradientsAfter(nodes, root, sweep, sweep.length)[i], found = nudge(x => rootAt(i, x), values[i], full);
  if (found.verdict === "kink") {
    const [left, right] = found.sides.map(x => show(x));
    return ["kink", `kink: ${left} | ${right}`, `${name} is at a kink, or nearer to one than the differences can tell: the slope is ${left} to its left and ${right} to its right; backward gives ${show(full)}, by convention`];
  }
  if (found.verdict === "unknown") return ["kink", "cannot tell", `${name}: finite differences cannot tell here; backward gives ${show(full)}`];
  const agree = found.verdict === "agrees";
  return [agree ? "ok" : "off", (agree ? "✓ " : "✗ ") + show(found.estimate),
    `${name}: finite differences give ${show(found.estimate)}, give or take ${show(found.error, 2)}; backward gives ${show(full)}: ${agree ? "they agree" : "they differ"}`];
}

let typing = null;   // the field in which something has been typed and not entered: nothing else writes there

const leafRows = shownLeaves.map(leaf => {
  const node = nodes[leaf], row = element("leaves").insertRow(), made = (tag, kind, label) => {
    const one = document.createElement(tag);
    if (tag === "button") one.type = "button"; else one.type = kind;
    one.setAttribute("aria-label", label);
    return one;
  };
  const name = row.insertCell(), value = row.insertCell(), gradient = row.insertCell(), checked = row.insertCell();
  name.textContent = node.full;
  const typed = made("input", "text", "value of " + node.full), slide = made("input", "range", "slide " + node.full);
  typed.inputMode = "decimal";
  typed.addEventListener("input", () => { typing = typed; });
  typed.addEventListener("blur", () => { typing = null; });
  typed.addEventListener("change", () => {
    typing = null;
    const x = read(typed.value);
    put(element("refused"), Number.isFinite(x) ? "" : `“${typed.value.slice(0, 30)}” is no number that ${node.full} can have: write one such as −0.5 or 1e-3.`);
    if (Number.isFinite(x)) set(leaf, x);
    typed.value = show(values[leaf], 6);
  });
  const centre = start[leaf], reach = Math.max(2 * Math.abs(centre), 2);
  Object.assign(slide, { min: -reach, max: reach, step: reach / 200, value: centre });
  slide.addEventListener("input", () => set(leaf, Number(Number(slide.value).toPrecision(6))));
  value.append(typed, slide);
  if (node.kind === "input") return { leaf, row, gradient, typed, slide, moves: null, checked };
  const moves = made("input", "checkbox", node.full + " takes part in descent"), button = made("button", "", `check the gradient of ${node.full} by finite differences`);
  moves.checked = true;
  moves.title = "takes part in descent";
  name.prepend(moves, " ");
  button.textContent = "check";
  button.addEventListener("click", () => {
    const [kind, text, said] = check(leaf), verdict = document.createElement("span");
    verdict.className = kind;
    verdict.textContent = text;
    verdict.title = said;
    checked.replaceChildren(verdict, " ", button);
    element("spoken").textContent = said;
  });
  checked.append(button);
  return { leaf, row, gradient, typed, slide, moves, checked, button };
});

function tellLeaves(arriving) {
  for (const { leaf, row, gradient, typed, slide, checked, button } of leafRows) {
    put(gradient, takes(nodes[leaf]) ? show(gradients[leaf]) : "");
    row.classList.toggle("arrived", arriving.has(leaf));
    const text = show(values[leaf], 6);
    if (typed !== typing && (typed !== document.activeElement || read(typed.value) !== values[leaf])) typed.value = text;
    if (slide !== document.activeElement) slide.value = values[leaf];
    if (button && row.dataset.at !== text + values[root]) { checked.replaceChildren(button); row.dataset.at = text + values[root]; }
  }
}

// Gradient descent on the leaves that are ticked, with a curve of the root

let curve = [values[root]];

// The curve is that of descent alone: from numbers given by hand it begins anew
function begin() {
  curve = [values[root]];
  put(element("said"), "");
  plot();
}

function descend(times) {
  const rate = read(element("rate").value);
  if (!(rate > 0)) { element("spoken").textContent = element("said").textContent = "The rate is to be a number above 0."; return; }
  if (!Number.isFinite(values[root])) { element("said").textContent = `${nodes[root].name} is no finite number here: change a leaf first.`; return; }
  for (let n = 0; n < times; n++) {
    const full = gradientsAfter(nodes, root, sweep, sweep.length), next = [...values];
    for (const { leaf, moves } of leafRows) if (moves && moves.checked) next[leaf] -= rate * full[leaf];
    const before = values;
    values = next;
    compute();
    if (!Number.isFinite(values[root])) {
      values = before;
      compute();
      element("said").textContent = "The next step leaves the finite numbers: a smaller rate?";
      break;
    }
    curve.push(values[root]);
    element("said").textContent = `${nodes[root].name}: ${change(curve[curve.length - 2], values[root])}, after ${curve.length - 1} step${curve.length > 2 ? "s" : ""}`;
  }
  go(position, false);
  plot();
}

function plot() {
  element("curve").toggleAttribute("hidden", !curve.every(Number.isFinite));
  if (!curve.every(Number.isFinite)) return;
  const low = Math.min(...curve), high = Math.max(...curve), last = Math.max(curve.length - 1, 1);
  const at = (x, i) => `${(6 + 288 * i / last).toFixed(1)},${(66 - 58 * (x - low) / (high - low || 1)).toFixed(1)}`;
  element("line").setAttribute("points", curve.map(at).join(" "));
  const [x, y] = at(curve[curve.length - 1], curve.length - 1).split(",");
  element("end").setAttribute("cx", x);
  element("end").setAttribute("cy", y);
  element("curve").setAttribute("aria-label", `${nodes[root].name} over ${curve.length - 1} steps, from ${show(curve[0])} to ${show(curve[curve.length - 1])}`);
}

function reset() {
  values = [...start];
  compute();
  begin();
  put(element("refused"), "");
  go(position, false);
}

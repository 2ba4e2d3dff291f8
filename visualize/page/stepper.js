// Where the reader is, and the words for it. All that is shown comes from the JSON of the page and goes in as text,
// never as markup; all numbers are computed here, from those of the leaves.
const data = JSON.parse(document.getElementById("graph").textContent), nodes = data.nodes, root = data.root;
const element = id => document.getElementById(id);
const boxes = nodes.map((_, i) => element("n" + i));
const firstEdge = [];                       // of each node, the number of its first edge
let edgeCount = 0;
nodes.forEach((node, i) => { firstEdge[i] = edgeCount; edgeCount += node.parents.length; });
const lines = Array.from({ length: edgeCount }, (_, i) => element("e" + i));
const operations = nodes.flatMap((node, i) => node.rule === undefined ? [] : [i]);
const forwardSteps = operations.length, computedAt = nodes.map(() => 0);
operations.forEach((i, step) => { computedAt[i] = step + 1; });

const start = nodes.map(node => node.rule === undefined ? number(node.value) : NaN);
let values = [...start], slopes = [], sweep = [], total = 0;
let position = 0, timer = null, gradients = nodes.map(() => 0), booked = true;

function compute() {
  slopes = forward(nodes, rules, values);
  sweep = backward(nodes, root, slopes);
  total = forwardSteps + sweep.length;
}
compute();

const known = i => position >= computedAt[i];
const passed = () => Math.max(0, position - forwardSteps);
const pass = () => passed() ? sweep[passed() - 1] : null;
const valuesOf = i => nodes[i].parents.map(p => values[p]);
const localText = (i, k) => { const form = booked && nodes[i].books ? nodes[i].books[k] : nodes[i].locals[k]; return form; };

// Going to a position, and showing all that it is about

function go(target, write = true) {
  position = Math.max(0, Math.min(total, Math.round(target) || 0));
  gradients = gradientsAfter(nodes, root, sweep, passed());
  nodes.forEach((_, i) => draw(i));
  if (fold) fold.groups.forEach((_, g) => drawGroup(g));
  light();
  tell();
  if (write && location.protocol !== "about:" && location.hash !== "#step=" + position) history.replaceState(null, "", "#step=" + position);
  if (data.bound) share();
}

function put(target, text) { if (target && target.textContent !== text) target.textContent = text; }

function draw(i) {
  const box = boxes[i], node = nodes[i], value = known(i) ? show(values[i]) : "·";
  put(box.querySelector(".value"), "= " + value);
  const gradient = takes(node) && passed() ? "∂ " + show(gradients[i]) : "";
  put(box.querySelector(".grad"), gradient);
  box.classList.toggle("off", known(i) && !Number.isFinite(values[i]));
  const words = [node.full, known(i) ? "value " + value : "not computed yet"];
  if (gradient) words.push("gradient " + show(gradients[i]));
  if (!takes(node)) words.push(node.kind);
  box.setAttribute("aria-label", words.join(", "));
  node.parents.forEach((parent, k) => {
    const slope = lines[firstEdge[i] + k].querySelector(".slope");
    if (slope) put(slope, known(i) && takes(nodes[parent]) ? show(slopes[i][k], 3) : "");
  });
}

// Folded by layer: a box for each, with what it gives and the size of its parameters' gradient

const fold = data.fold, groupBoxes = fold ? fold.groups.map((_, g) => element("fn" + g)) : [];
const groupEdges = new Map();               // "from to" -> its line
if (fold) {
  let count = 0;
  fold.groups.forEach((group, g) => group.parents.forEach(parent => groupEdges.set(`${parent} ${g}`, element("fe" + count++))));
}
let isFolded = false;

function drawGroup(g) {
  const group = fold.groups[g], box = groupBoxes[g], { members } = group;
  if (!group.shown) {
    for (const part of [".value", ".grad"]) put(box.querySelector(part), boxes[members[0]].querySelector(part).textContent);
    box.setAttribute("aria-label", boxes[members[0]].getAttribute("aria-label"));
    return;
  }
  const some = group.shown.slice(0, 3).map(i => known(i) ? show(values[i], 3) : "·"), more = group.shown.length > 3 ? ", …" : "";
  put(box.querySelector(".value"), "= " + some.join(", ") + more);
  const moving = members.filter(i => nodes[i].kind === "leaf");
  const size = Math.hypot(...moving.map(i => gradients[i]));
  put(box.querySelector(".grad"), passed() && moving.length ? "‖∂‖ " + show(size) : "");
  box.setAttribute("aria-label", `${group.full}, gives ${some.join(", ")}${more}`);
}

let lit = [];
function light() {
  for (const [thing, name] of lit) thing.classList.remove(name);
  lit = [];
  const add = (thing, name) => { thing.classList.add(name); lit.push([thing, name]); };
  if (position === 0) return;
  if (!passed()) {
    const i = operations[position - 1];
    add(boxes[i], "lit");
    nodes[i].parents.forEach((_, k) => add(lines[firstEdge[i] + k], "forward"));
  } else {
    add(boxes[pass().node], "lit");
    for (const sent of pass().sent) if (sent.sends) add(lines[firstEdge[pass().node] + sent.operand], "backward");
  }
  if (fold) {
    const current = passed() ? pass().node : operations[position - 1], to = fold.of[current];
    add(groupBoxes[to], "lit");
    const used = passed() ? pass().sent.filter(sent => sent.sends).map(sent => sent.parent) : nodes[current].parents;
    for (const parent of used) {
      const line = groupEdges.get(`${fold.of[parent]} ${to}`);
      if (line) add(line, passed() ? "backward" : "forward");
    }
    if (isFolded) { follow(groupBoxes[to]); return; }
  }
  follow(lit[0][0]);
}

// The words

function paragraph(text, kind) {
  const p = document.createElement("p");
  p.textContent = text;
  if (kind) p.className = kind;
  return p;
}

function forwardWords(i) {
  const node = nodes[i], middle = fill(node.numbers, valuesOf(i)), sides = [node.title];
  if (!node.title.endsWith(middle)) sides.push(middle);
  const made = [[[...sides, show(values[i])].join(" = "), "head"]];
  if (!Number.isFinite(values[i]) && valuesOf(i).every(Number.isFinite))
    made.push([`This is not a finite number${node.domain ? ": " + node.domain : ""}.`, "warning"]);
  return made;
}

const derivative = (top, bottom) => `∂${nodes[top].sym}/∂${nodes[bottom].sym}`;
const product = sent => `${show(pass().upstream)} × ${show(sent.local)} = ${show(sent.product)}`;

function backwardWords() {
  const { node: i, upstream, sent } = pass(), node = nodes[i];
  const made = [[`${node.title}: its gradient is ${show(upstream)}`, "head"]];
  if (upstream === 0 && sent.every(each => !each.sends))
    return [...made, ["A gradient of 0 sends nothing on, whatever the local derivatives are.", "note"]];
  node.parents.slice(0, data.shown).forEach((parent, k) => {
    const other = nodes[parent], each = sent.find(one => one.operand === k);
    if (!each) { made.push([`${other.name} is a plain number: it takes no gradient`, ""]); return; }
    const local = show(each.local), formula = localText(i, k), same = formula.replace(/−/g, "-") === local.replace(/−/g, "-");
    made.push([`${derivative(i, parent)} = ${same ? local : `${formula} = ${local}`}`, ""]);
    made.push([`⇒ ${other.name} gets ${product(each)}: ${change(each.before, each.after)}`, "sub"]);
  });
  if (node.parents.length > data.shown) made.push([`… and ${node.parents.length - data.shown} more`, "note"]);
  if (Number.isFinite(upstream) && !sent.every(each => Number.isFinite(each.after)))
    made.push(['Here the gradient stops being finite: backward() raises, unless nonfinite("allow") is on.', "warning"]);
  return made;
}

function words() {
  if (position === 0) return [["Nothing is computed yet: only the leaves have their numbers.", "head"],
    ["Press the right arrow key, or ▶, for the first step. Every gradient starts from 0.", "note"]];
  const i = passed() ? pass().node : operations[position - 1];
  const made = passed() ? backwardWords() : forwardWords(i);
  if (nodes[i].source) made.push([nodes[i].source, "note"]);
  if (position === forwardSteps && sweep.length) made.push(["The forward pass is done; from here gradients flow back.", "note"]);
  if (position === total) made.push(["Done: every leaf has its gradient.", "note"]);
  return made;
}

function tell() {
  const said = words();
  element("now").replaceChildren(...said.map(([text, kind]) => paragraph(text, kind)));
  const forwardDone = Math.min(position, forwardSteps), back = passed();
  element("where").textContent = position <= forwardSteps && (position < forwardSteps || !sweep.length)
    ? `forward ${forwardDone} of ${forwardSteps}` : `backward ${back} of ${sweep.length}`;
  const slider = element("scrubber");
  slider.max = total;
  slider.value = position;
  slider.setAttribute("aria-valuetext", element("where").textContent + ": " + said[0][0]);
  tellLeaves(new Set(passed() ? pass().sent.map(each => each.parent) : []));
}

// The ledger of a node: what it has been sent so far, with the running sum

const ledger = element("ledger");
function open(i) {
  const node = nodes[i], made = [paragraph(node.formula ? `${node.full} = ${node.formula}` : node.full, "head")];
  const given = sweep.slice(0, passed()).flatMap(step => step.sent.filter(sent => sent.parent === i).map(sent => [step, sent]));
  if (known(i)) made.push(paragraph("value " + String(values[i]).replace("-", "−")));
  if (!takes(node)) made.push(paragraph("A plain number: it takes no gradient.", "note"));
  else if (i === root && passed()) made.push(paragraph("The root: its gradient is 1 by definition."));
  else if (!given.length) made.push(paragraph("It has been sent no gradient yet.", "note"));
  for (const [step, sent] of given.slice(0, 12)) {
    const text = `${show(step.upstream)} × ${show(sent.local)} = ${show(sent.product)}`;
    made.push(paragraph(`from ${nodes[step.node].name}: ${text} → ${show(sent.after)}`));
  }
  if (given.length > 12) made.push(paragraph(`and ${given.length - 12} more, in all ${show(gradients[i])}`));
  if (editable(node)) made.push(paragraph("Drag it left or right, or press ↑ and ↓, to change its number.", "note"));
  if (node.source) made.push(paragraph(node.source, "note"));
  ledger.replaceChildren(...made);
  ledger.hidden = false;
  const box = boxes[i].getBoundingClientRect(), size = ledger.getBoundingClientRect();
  const below = box.bottom + 8 + size.height < innerHeight;
  ledger.style.left = Math.max(6, Math.min(innerWidth - size.width - 6, box.left)) + "px";
  ledger.style.top = Math.max(6, below ? box.bottom + 8 : box.top - size.height - 8) + "px";
}
function close() { ledger.hidden = true; }

// A node's own step: where it passes its gradient on; for a leaf, where its gradient is complete

function ownStep(i) {
  const as = sweep.findIndex(step => step.node === i);
  if (as >= 0) return forwardSteps + as + 1;
  const last = sweep.findLastIndex(step => step.sent.some(sent => sent.parent === i));
  return last >= 0 ? forwardSteps + last + 1 : position;
}

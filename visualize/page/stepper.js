"use strict";
// The page's own program. All that it shows comes from the JSON beside it and goes in as text, never as markup.
const data = JSON.parse(document.getElementById("graph").textContent);
const number = x => typeof x === "string" ? { inf: Infinity, "-inf": -Infinity, nan: NaN }[x] : x;
const forwardSteps = data.forward.length, total = forwardSteps + data.backward.length;
const element = id => document.getElementById(id);
const boxes = data.nodes.map((_, i) => element("n" + i)), lines = data.edges.map((_, i) => element("e" + i));
const gradients = data.nodes.map(node => number(node.before));
const given = data.nodes.map(() => []);     // of each node: what it has been sent so far, as [step, contribution]
const known = data.nodes.map(node => node.parents === 0);
let position = 0, timer = null;

// Numbers, to be read

function show(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  let text = Number(x.toPrecision(4)).toString();
  const size = Math.abs(x);
  if (size < 1e-4 || size >= 1e7) text = x.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e");
  return text.replace(/-/g, "−");
}

// Going to a position: one step at a time near by, so that a step costs no more than the nodes it touches

function redo(step) {
  if (step < forwardSteps) { known[data.forward[step].node] = true; return; }
  const pass = data.backward[step - forwardSteps];
  if (step === forwardSteps) gradients[data.root] = data.backwardFrom;
  for (const sent of pass.sent) { gradients[sent.parent] = number(sent.after); given[sent.parent].push([step, sent]); }
}

function undo(step) {
  if (step < forwardSteps) { known[data.forward[step].node] = false; return; }
  const pass = data.backward[step - forwardSteps];
  for (const sent of [...pass.sent].reverse()) { gradients[sent.parent] = number(sent.earlier); given[sent.parent].pop(); }
  if (step === forwardSteps) gradients[data.root] = number(data.nodes[data.root].before);
}

function touched(step) {
  if (step < 0) return [];
  if (step < forwardSteps) return [data.forward[step].node];
  const pass = data.backward[step - forwardSteps];
  return [pass.node, ...pass.sent.map(sent => sent.parent)];
}

let lit = [];
function go(target, write = true) {
  target = Math.max(0, Math.min(total, Math.round(target) || 0));
  const dirty = new Set();
  const from = position;
  while (position < target) { redo(position); touched(position).forEach(i => dirty.add(i)); position += 1; }
  while (position > target) { position -= 1; undo(position); touched(position).forEach(i => dirty.add(i)); }
  if ((from > forwardSteps) !== (position > forwardSteps)) data.nodes.forEach((_, i) => dirty.add(i));
  dirty.forEach(draw);
  light();
  tell();
  if (write && location.hash !== "#step=" + position) history.replaceState(null, "", "#step=" + position);
}

function draw(i) {
  const box = boxes[i], node = data.nodes[i], backward = position > forwardSteps;
  const value = known[i] ? show(number(node.value)) : "·";
  box.querySelector(".value").textContent = "= " + value;
  const gradient = node.kind === "constant" ? "" : backward || gradients[i] !== 0 ? "∂ " + show(gradients[i]) : "";
  box.querySelector(".grad").textContent = gradient;
  const words = [node.full, known[i] ? "value " + value : "not computed yet"];
  if (gradient) words.push("gradient " + show(gradients[i]));
  if (node.kind === "constant") words.push("constant");
  box.setAttribute("aria-label", words.join(", "));
}

function light() {
  for (const thing of lit) thing.classList.remove("lit", "forward", "backward");
  lit = [];
  const add = (thing, name) => { thing.classList.add(name); lit.push(thing); };
  if (position === 0) return;
  const step = position - 1;
  if (step < forwardSteps) {
    const { node, edges } = data.forward[step];
    add(boxes[node], "lit");
    edges.forEach(e => add(lines[e], "forward"));
  } else {
    const pass = data.backward[step - forwardSteps];
    add(boxes[pass.node], "lit");
    pass.sent.forEach(sent => { if (sent.edge !== null) add(lines[sent.edge], "backward"); });
  }
  const box = lit[0], picture = element("picture"), a = box.getBoundingClientRect(), b = picture.getBoundingClientRect();
  if (a.left < b.left || a.right > b.right) picture.scrollLeft += a.left + a.width / 2 - b.left - b.width / 2;
  if (a.top < b.top || a.bottom > b.bottom) picture.scrollTop += a.top + a.height / 2 - b.top - b.height / 2;
}

// The words

function paragraph(text, kind) {
  const p = document.createElement("p");
  p.textContent = text;
  if (kind) p.className = kind;
  return p;
}

function words() {
  if (position === 0) return [["Nothing is computed yet: only the leaves have their numbers.", "head"],
    ["Press the right arrow key, or ▶, for the first step.", "note"]];
  const step = position - 1;
  const found = step < forwardSteps ? data.forward[step].words : data.backward[step - forwardSteps].words;
  const made = found.map((line, i) => [line, i === 0 ? "head" : line.startsWith("⇒") ? "sub" : ""]);
  const source = data.nodes[touched(step)[0]].source;
  if (source) made.push([source, "note"]);
  if (position === forwardSteps && data.backward.length) made.push(["The forward pass is done; from here gradients flow back.", "note"]);
  if (position === total) made.push(["Done: every leaf has its gradient.", "note"]);
  return made;
}

function tell() {
  const lines = words();
  element("now").replaceChildren(...lines.map(([text, kind]) => paragraph(text, kind)));
  const forward = Math.min(position, forwardSteps), back = Math.max(0, position - forwardSteps);
  element("where").textContent = position <= forwardSteps && (back === 0 && position < forwardSteps || !data.backward.length)
    ? `forward ${forward} of ${forwardSteps}` : `backward ${back} of ${data.backward.length}`;
  const slider = element("scrubber");
  slider.value = position;
  slider.setAttribute("aria-valuetext", element("where").textContent + ": " + (lines[0] ? lines[0][0] : ""));
  const arriving = position > forwardSteps ? new Set(data.backward[position - 1 - forwardSteps].sent.map(s => s.parent)) : new Set();
  for (const row of leafRows) {
    row.gradient.textContent = show(gradients[row.leaf]);
    row.row.classList.toggle("arrived", arriving.has(row.leaf));
  }
}

// The leaves: their gradients so far, and a check by nudging the leaf

const leafRows = data.leaves.map(leaf => {
  const node = data.nodes[leaf], row = element("leaves").insertRow();
  const cell = text => { const made = row.insertCell(); made.textContent = text; return made; };
  cell(node.full);
  cell(show(number(node.value)));
  const gradient = cell("0"), check = cell(""), button = document.createElement("button");
  button.type = "button";
  button.textContent = "check";
  button.setAttribute("aria-label", "check the gradient of " + node.full + " by finite differences");
  button.addEventListener("click", () => {
    const { estimate, error } = data.checks[leaf], got = number(node.final) - number(node.before);
    const agree = Math.abs(number(estimate) - got) <= number(error);
    check.replaceChildren();
    const verdict = document.createElement("span");
    verdict.className = agree ? "ok" : "off";
    verdict.textContent = (agree ? "✓ " : "✗ ") + show(number(estimate));
    verdict.title = `nudging ${node.full} both ways moves the root by ${estimate} for each 1, give or take ${error}; ` +
      `backward gives ${got}`;
    check.append(verdict);
    element("spoken").textContent = `${node.full}: finite differences give ${show(number(estimate))}, ` +
      `backward gives ${show(got)}: ${agree ? "they agree" : "they differ"}`;
  });
  check.append(button);
  return { leaf, row, gradient };
});

// The ledger of a node: what it has been sent so far, with the running sum

const ledger = element("ledger");
function open(i) {
  const node = data.nodes[i], made = [paragraph(node.full + (node.formula ? " = " + node.formula : ""), "head")];
  if (known[i]) made.push(paragraph("value " + number(node.value)));
  if (node.kind === "constant") made.push(paragraph("A plain number: it takes no gradient.", "note"));
  else if (i === data.root && position > forwardSteps) made.push(paragraph("The root: its gradient is 1 by definition."));
  else if (!given[i].length) made.push(paragraph("It has been sent no gradient yet.", "note"));
  if (number(node.before) !== 0 && node.kind === "leaf") made.push(paragraph("gradient before this pass " + show(number(node.before))));
  const shown = given[i].slice(0, 12);
  for (const [step, sent] of shown) {
    const from = data.nodes[data.backward[step - forwardSteps].node];
    made.push(paragraph(`from ${from.name}: ${sent.short} → ${show(number(sent.after))}`));
  }
  if (given[i].length > shown.length) made.push(paragraph(`and ${given[i].length - shown.length} more, in all ${show(gradients[i])}`));
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
  const as = data.backward.findIndex(pass => pass.node === i);
  if (as >= 0) return forwardSteps + as + 1;
  const last = data.backward.findLastIndex(pass => pass.sent.some(sent => sent.parent === i));
  return last >= 0 ? forwardSteps + last + 1 : position;
}

boxes.forEach((box, i) => {
  box.addEventListener("click", () => { stop(); go(ownStep(i)); open(i); });
  box.addEventListener("mouseenter", () => open(i));
  box.addEventListener("mouseleave", close);
  box.addEventListener("focus", () => open(i));
  box.addEventListener("blur", close);
  box.addEventListener("keydown", event => {
    if (event.key === "Enter") { stop(); go(ownStep(i)); open(i); }
  });
});

// Controls

function stop() {
  clearInterval(timer);
  timer = null;
  element("play").textContent = "▶ play";
  element("play").setAttribute("aria-pressed", "false");
}
function play() {
  if (timer !== null) { stop(); return; }
  if (position === total) go(0);
  element("play").textContent = "⏸ pause";
  element("play").setAttribute("aria-pressed", "true");
  timer = setInterval(() => { if (position < total) go(position + 1); else stop(); }, 900);
}
const actions = {
  first: () => go(0), back: () => go(position - 1), next: () => go(position + 1), last: () => go(total),
  turn: () => go(forwardSteps),
};
for (const [name, action] of Object.entries(actions)) element(name).addEventListener("click", () => { stop(); action(); });
element("play").addEventListener("click", play);
element("scrubber").addEventListener("input", event => { stop(); go(Number(event.target.value)); });
element("theme").addEventListener("click", () => {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
});
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { close(); return; }
  const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last" };
  if (event.key in keys) { stop(); actions[keys[event.key]](); event.preventDefault(); }
  else if (event.key === " " && event.target.tagName !== "BUTTON") { play(); event.preventDefault(); }
});
function fromLink(write) {
  const found = /^#step=(\d+)$/.exec(location.hash);
  go(found ? Number(found[1]) : 0, write);
}
addEventListener("hashchange", () => { stop(); fromLink(true); });
function enlarge() {  // a small graph fills the room, up to half as large again
  const picture = element("picture"), drawing = picture.querySelector("svg"), { width, height } = drawing.viewBox.baseVal;
  const factor = Math.max(1, Math.min(1.5, (picture.clientWidth - 20) / width, (picture.clientHeight - 20) / height));
  drawing.setAttribute("width", width * factor);
  drawing.setAttribute("height", height * factor);
}
addEventListener("resize", enlarge);
enlarge();
document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
element("scrubber").max = total;
data.nodes.forEach((_, i) => draw(i));
fromLink(false);

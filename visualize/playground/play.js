// The page: thumbnails, weights as lines, the plane, the curve, and the buttons. All that is given goes in as text.
const given = JSON.parse(document.getElementById("given").textContent);
const element = id => document.getElementById(id);
const invited = element("invited").textContent;
const SIDE = 32, THUMB = 46;
let net, points = { xs: given.xs, ys: given.ys }, kind = given.loss, losses = [], steps = 0, seed = 1, timer = 0;
let chosen = null, spot = 0, order = [], next = random(7), box = null;

const format = x => !Number.isFinite(x) ? "not a number" : (x === 0 ? "0" : String(Number(x.toPrecision(4)))).replace("-", "−");
// A sum as it is written by hand: 2 × (−3) − 0.5 × 4 + 1
const factor = x => x < 0 ? `(${format(x)})` : format(x);
const sum = terms => terms.join(" + ").replaceAll("+ −", "− ");
const raised = n => String(n).replace(/\d/g, d => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]), lowered = n => String(n).replace(/\d/g, d => "₀₁₂₃₄₅₆₇₈₉"[d]);

// Colours: below 0 and above 0, by strength

let tones = null;
function palette() {
  const read = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim().match(/[0-9a-f]{2}/gi).map(h => parseInt(h, 16));
  tones = { less: read("--less"), more: read("--more"), ground: read("--ground") };
}
function tone(t, out, at) {
  const to = t < 0 ? tones.less : tones.more, share = Math.min(1, Math.abs(t)) * 0.85;
  for (let c = 0; c < 3; c++) out[at + c] = tones.ground[c] + (to[c] - tones.ground[c]) * share;
  out[at + 3] = 255;
}

// What the network and each neuron give over the plane

function bounds() {
  const xs = points.xs.map(p => p[0]), ys = points.xs.map(p => p[1]);
  const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const half = 0.6 * Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1e-6);
  box = { left: middle[0] - half, top: middle[1] + half, side: 2 * half };
}

function survey() {
  for (let r = 0; r < SIDE; r++) for (let c = 0; c < SIDE; c++) {
    const x = [box.left + box.side * (c + 0.5) / SIDE, box.top - box.side * (r + 0.5) / SIDE], at = r * SIDE + c;
    run(net, x);
    cells[0][0].numbers[at] = x[0];
    cells[0][1].numbers[at] = x[1];
    net.forEach((layer, l) => { for (let i = 0; i < layer.outputs; i++) cells[l + 1][i].numbers[at] = layer.a[i]; });
  }
}

// The output as a number from -1 to 1, 0 being the border between the sides
function side(z, a) {
  if (kind === "cross-entropy") return Math.tanh(z / 2);
  const low = Math.min(...points.ys), high = Math.max(...points.ys);
  return (2 * a - low - high) / (high - low || 1);
}

function paintCell(cell, turn) {
  cell.numbers.forEach((x, i) => tone(turn(x), cell.image.data, 4 * i));
  cell.pen.putImageData(cell.image, 0, 0);
}

function show() {
  if (!tones) palette();
  survey();
  const output = cells[net.length][0];
  const identity = net[net.length - 1].activation === "identity";
  const turn = a => kind === "cross-entropy" ? identity ? Math.tanh(a / 2) : 2 * a - 1 : side(0, a);
  cells.forEach((column, c) => column.forEach((cell, i) => {
    let largest = 1e-9;
    for (const x of cell.numbers) largest = Math.max(largest, Math.abs(x));
    paintCell(cell, cell === output ? turn : x => x / largest);
    cell.button.setAttribute("aria-pressed", String(Boolean(chosen && chosen[0] === c && chosen[1] === i)));
  }));
  let widest = 1e-9;
  for (const layer of net) for (const w of layer.w) widest = Math.max(widest, Math.abs(w));
  net.forEach((layer, l) => layer.w.forEach((w, k) => {
    const line = wires[l][k];
    line.setAttribute("stroke", w < 0 ? "var(--less)" : "var(--more)");
    line.setAttribute("stroke-width", (0.4 + 5 * Math.abs(w) / widest).toFixed(2));
    line.setAttribute("opacity", chosen && !(chosen[0] === l + 1 && chosen[1] === Math.floor(k / layer.inputs)) ? 0.08 : (0.15 + 0.75 * Math.abs(w) / widest).toFixed(2));
  }));
  plane(output);
  const line = losses.length > 360 ? Array.from({ length: 360 }, (_, i) => losses[Math.floor(i * (losses.length - 1) / 359)]) : losses;
  const high = Math.max(...line.filter(Number.isFinite), 1e-12);
  element("line").setAttribute("points", line.map((y, i) => `${(4 + 352 * i / Math.max(1, line.length - 1)).toFixed(1)},${(85 - 80 * (Number.isFinite(y) ? y / high : 1)).toFixed(1)}`).join(" "));
  const middle = (Math.min(...points.ys) + Math.max(...points.ys)) / 2, last = net[net.length - 1];
  const right = points.xs.filter((x, i) => { run(net, x); return side(last.z[0], last.a[0]) > 0 === points.ys[i] > middle; }).length;
  element("said").textContent = `step ${steps} · loss (${kind}) ${format(losses[losses.length - 1])}` + (new Set(points.ys).size === 2 ? ` · ${right} of ${points.xs.length} on their side` : "");
}

function plane(output) {
  const canvas = element("plane");
  canvas.setAttribute("aria-valuemax", points.xs.length);
  canvas.setAttribute("aria-valuenow", spot + 1);
  canvas.setAttribute("aria-valuetext", `point ${spot + 1}, ${points.xs[spot].map(format).join(", ")}`);
  const pen = canvas.getContext("2d"), w = canvas.width;
  pen.imageSmoothingEnabled = true;
  pen.drawImage(output.pen.canvas, 0, 0, w, w);
  const middle = (Math.min(...points.ys) + Math.max(...points.ys)) / 2;
  points.xs.forEach(([x, y], i) => {
    pen.beginPath();
    pen.arc((x - box.left) / box.side * w, (box.top - y) / box.side * w, i === spot && chosen ? 7 : 3.6, 0, 7);
    pen.fillStyle = points.ys[i] > middle ? "#00507d" : "#a33f00";
    pen.fill();
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 1.2;
    pen.stroke();
  });
}

// A neuron for one point, in words

function tell() {
  const said = element("told");
  if (!chosen) { said.replaceChildren(line(invited, "hint")); return; }
  const [c, i] = chosen, layer = net[c - 1], up = net.length > 1 ? raised(c) : "", x = points.xs[spot];
  run(net, x);
  const [loss, toZ] = judge(net, points.ys[spot], kind), from = c > 1 ? net[c - 2].a : x;
  clear(net);
  sendBack(net, x, toZ, 1);
  const at = net.length === c ? "" : lowered(i + 1), inward = j => c > 1 ? `a${raised(c - 1)}${lowered(j + 1)}` : "x" + lowered(j + 1);
  const made = [line(`point ${spot + 1}: x = (${x.map(format).join(", ")}), y = ${format(points.ys[spot])}, loss ${format(loss)}`)];
  const terms = Array.from({ length: layer.inputs }, (_, j) => `${format(layer.w[i * layer.inputs + j])} × ${factor(from[j])}`);
  const shown = [...terms.slice(0, 8), ...(terms.length > 8 ? ["…"] : []), format(layer.b[i])];
  made.push(line(`z${up}${at} = ${sum(shown)} = ${format(layer.z[i])}`));
  made.push(line(`${c === net.length ? "ŷ" : `a${up}${at}`} = ${layer.activation}(z${up}${at}) = ${format(layer.a[i])}`));
  made.push(line(`∂loss/∂z${up}${at} = ${format(layer.gb[i])}`));
  for (let j = 0; j < Math.min(layer.inputs, 8); j++)
    made.push(line(`∂loss/∂w${up}${lowered(i + 1)}${lowered(j + 1)} = ${format(layer.gb[i])} × ${inward(j)} = ${format(layer.gw[i * layer.inputs + j])}`));
  const open = document.createElement("button"), numbers = [...from];   // the thumbnails run the network on other points
  open.type = "button";
  open.id = "open";
  open.textContent = "step through this neuron";
  open.addEventListener("click", () => stepThrough(layer, i, numbers));
  said.replaceChildren(open, ...made);
}

// The stepping page of a neuron for one point: the page of its kind, with its own numbers
const pages = JSON.parse(element("neurons").textContent);
function stepThrough(layer, i, inputs) {
  stop();
  const kinds = pages.kinds[layer.inputs], kind = kinds[layer.activation] || kinds[""], n = layer.inputs;
  const nodes = [...kind.nodes.slice(0, -1), kind.last[layer.activation]].map(node => ({ ...node }));
  let w = 0, x = 0;
  for (const node of nodes) {
    if (node.rule !== undefined || node.kind === "constant") continue;
    if (node.name === "b") node.value = layer.b[i];
    else if (node.name[0] === "w") node.value = layer.w[i * n + w++];
    else node.value = inputs[x++];
  }
  const data = JSON.stringify({ root: nodes.length - 1, shown: 10, nodes }).replace(/</g, "\\u003c");
  const frame = document.createElement("iframe");
  frame.title = "one neuron, step by step";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.srcdoc = pages.shell.replace("\ue010", () => kind.drawing).replace("\ue011", () => data);
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ theme: document.documentElement.dataset.theme }, "*"));
  const dialog = element("steps");
  dialog.querySelector("iframe")?.remove();
  dialog.append(frame);
  dialog.showModal();
}
element("shut").addEventListener("click", () => element("steps").close());
element("steps").addEventListener("close", () => element("steps").querySelector("iframe")?.remove());
function line(text, kind) {
  const p = document.createElement("p");
  p.textContent = text;
  if (kind) p.className = kind;
  return p;
}

// Training

function advance() {
  const rate = Number(element("rate").value.replace(",", ".")), size = Math.min(Number(element("batch").value), points.xs.length);
  if (!(rate > 0)) { stop(); element("said").textContent = "The rate is to be a number above 0."; return false; }
  if (order.length < size) {
    order = points.xs.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i--) { const j = Math.floor(next() * (i + 1)); [order[i], order[j]] = [order[j], order[i]]; }
  }
  const before = net.map(layer => [layer.w.slice(), layer.b.slice()]);
  step(net, points.xs, points.ys, order.splice(0, size), rate, kind);
  steps += 1;
  const loss = meanLoss(net, points.xs, points.ys, kind);
  if (!Number.isFinite(loss)) {
    net.forEach((layer, l) => { [layer.w, layer.b] = before[l]; });
    stop();
    element("said").textContent = "The step left the finite numbers, and was undone: a smaller rate?";
    return false;
  }
  losses.push(loss);
  return true;
}
function frame() {
  if (!timer) return;
  if (advance()) { show(); timer = requestAnimationFrame(frame); }
}
function stop() {
  cancelAnimationFrame(timer);
  timer = 0;
  element("play").textContent = "▶ train";
  element("play").setAttribute("aria-pressed", "false");
}
function begin(told) {
  net = build(told, given.extras);
  losses = [meanLoss(net, points.xs, points.ys, kind)];
  steps = 0;
  order = [];
  next = random(7);
  place();
  tell();
  show();
}
function asTold(weights) {
  const hidden = element("activation").value;
  return { layers: given.layers.map((layer, l) => ({ ...layer, ...weights(layer), activation: hidden && l < given.layers.length - 1 ? hidden : layer.activation })) };
}
const first = () => begin(asTold(() => ({})));
function fresh() {
  const roll = random(seed++);
  begin(asTold(layer => ({ w: layer.w.map(row => row.map(() => normal(roll) * Math.sqrt(1 / row.length))), b: layer.b.map(() => 0) })));
}
function choose() {
  const name = element("data").value;
  points = name ? sample(name, 200, Number(element("noise").value), 3) : { xs: given.xs, ys: given.ys };
  kind = name ? given.layers[given.layers.length - 1].activation === "identity" || given.layers[given.layers.length - 1].activation === "sigmoid" ? "cross-entropy" : "squared error" : given.loss;
  spot = 0;
  const batch = element("batch");
  batch.max = points.xs.length;
  batch.value = Math.min(given.batch, points.xs.length);
  element("size").textContent = batch.value;
  element("noise").disabled = !name;   // points of one's own stay where they are
  element("spread").textContent = name ? element("noise").value : "";
  bounds();
  first();
}

for (const [id, options] of [["activation", [["", "as in the model"], ...given.choices.map(name => [name, name])]],
  ["data", [...(given.xs.length ? [["", given.called]] : []), ...Object.keys(SETS).map(name => [name, name])]]])
  for (const [value, text] of options) { const option = document.createElement("option"); option.value = value; option.textContent = text; element(id).append(option); }
element("data").value = given.set;
element("play").addEventListener("click", () => {
  if (timer) { stop(); return; }
  element("play").textContent = "|| pause";
  element("play").setAttribute("aria-pressed", "true");
  timer = requestAnimationFrame(frame);
});
element("one").addEventListener("click", () => { stop(); if (advance()) { tell(); show(); } });
element("again").addEventListener("click", () => { stop(); first(); });
element("fresh").addEventListener("click", () => { stop(); fresh(); });
element("activation").addEventListener("change", () => { stop(); first(); });
element("data").addEventListener("change", () => { stop(); choose(); });
element("noise").addEventListener("input", () => { if (element("data").value) { stop(); choose(); } });
element("batch").addEventListener("input", () => { element("size").textContent = element("batch").value; order = []; });
function toPoint(i) {
  spot = (i + points.xs.length) % points.xs.length;
  if (!chosen) chosen = [net.length, 0];
  tell();
  show();
}
element("plane").addEventListener("keydown", event => {
  const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (by) { event.preventDefault(); toPoint(spot + by); }
});
element("plane").addEventListener("click", event => {
  const area = element("plane").getBoundingClientRect(), x = box.left + box.side * (event.clientX - area.left) / area.width, y = box.top - box.side * (event.clientY - area.top) / area.height;
  toPoint(points.xs.reduce((best, p, i) => Math.hypot(p[0] - x, p[1] - y) < Math.hypot(points.xs[best][0] - x, points.xs[best][1] - y) ? i : best, 0));
});
function paint(theme) {
  if (theme !== "dark" && theme !== "light") return;
  document.documentElement.dataset.theme = theme;
  tones = null;
  if (net) show();
}
element("theme").addEventListener("click", () => paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
addEventListener("message", event => { if (event.data && typeof event.data === "object") paint(event.data.theme); });
let onScreen = null;
addEventListener("beforeprint", () => { onScreen = document.documentElement.dataset.theme; paint("light"); });
addEventListener("afterprint", () => paint(onScreen));
addEventListener("resize", () => { arrange(); show(); });
paint(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
paint(new URLSearchParams(location.search).get("theme"));
choose();

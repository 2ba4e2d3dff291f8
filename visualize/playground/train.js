"use strict";
// The network and its training, by the rules of the table: no page, only numbers.

function build(told, extras) {
  return told.layers.map(({ w, b, activation }) => ({
    inputs: w[0].length, outputs: b.length, w: Float64Array.from(w.flat()), b: Float64Array.from(b), activation,
    gw: new Float64Array(b.length * w[0].length), gb: new Float64Array(b.length),
    z: new Float64Array(b.length), a: new Float64Array(b.length), slope: new Float64Array(b.length), back: new Float64Array(w[0].length),
    given: [0, ...extras[activation]], rule: rules[names.indexOf(activation)],
  }));
}

// a = activation(w · x + b), layer by layer; the last layer's outputs
function run(net, x) {
  let from = x;
  const d = [];
  for (const layer of net) {
    for (let i = 0; i < layer.outputs; i++) {
      let sum = 0;
      for (let j = 0, k = i * layer.inputs; j < layer.inputs; j++, k++) sum += layer.w[k] * from[j];
      layer.z[i] = layer.given[0] = sum + layer.b[i];
      layer.a[i] = layer.rule(layer.given, d);
      layer.slope[i] = d[0];
    }
    from = layer.a;
  }
  return from;
}

const softplus = names.indexOf("softplus"), square = names.indexOf("square");

// The loss of one sample, and what it sends to the output's z: from the score, cross-entropy is softplus(z) - y z
function judge(net, y, kind) {
  const last = net[net.length - 1], d = [];
  if (kind === "cross-entropy") {
    const loss = rules[softplus]([last.z[0]], d) - y * last.z[0];
    return [loss, d[0] - y];
  }
  const loss = rules[square]([last.a[0] - y], d);
  return [loss, d[0] * last.slope[0]];
}

// Adds the gradient of one sample, times `share`, to gw and gb
function sendBack(net, x, toZ, share) {
  let upstream = [toZ * share];
  for (let l = net.length - 1; l >= 0; l--) {
    const layer = net[l], from = l ? net[l - 1].a : x;
    layer.back.fill(0);
    for (let i = 0; i < layer.outputs; i++) {
      const g = upstream[i];
      layer.gb[i] += g;
      for (let j = 0, k = i * layer.inputs; j < layer.inputs; j++, k++) {
        layer.gw[k] += g * from[j];
        layer.back[j] += g * layer.w[k];
      }
    }
    if (l) upstream = layer.back.map((g, j) => g * net[l - 1].slope[j]);
  }
}

function clear(net) { for (const layer of net) { layer.gw.fill(0); layer.gb.fill(0); } }

// One step on these samples: w <- w - rate * gradient of the mean loss; that loss
function step(net, xs, ys, chosen, rate, kind) {
  clear(net);
  let total = 0;
  for (const i of chosen) {
    run(net, xs[i]);
    const [loss, toZ] = judge(net, ys[i], kind);
    total += loss;
    sendBack(net, xs[i], toZ, 1 / chosen.length);
  }
  for (const layer of net) {
    for (let k = 0; k < layer.w.length; k++) layer.w[k] -= rate * layer.gw[k];
    for (let i = 0; i < layer.outputs; i++) layer.b[i] -= rate * layer.gb[i];
  }
  return total / chosen.length;
}

function meanLoss(net, xs, ys, kind) {
  let total = 0;
  xs.forEach((x, i) => { run(net, x); total += judge(net, ys[i], kind)[0]; });
  return total / xs.length;
}

// Random numbers from a seed (mulberry32), so that a run can be repeated
function random(seed) {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}
const normal = next => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

const SETS = {
  moons: (t, side) => side ? [1 - Math.cos(Math.PI * t), 0.5 - Math.sin(Math.PI * t)] : [Math.cos(Math.PI * t), Math.sin(Math.PI * t)],
  circles: (t, side) => [Math.cos(2 * Math.PI * t), Math.sin(2 * Math.PI * t)].map(x => x * (side ? 0.45 : 1.2)),
  spirals: (t, side) => { const angle = 3.2 * Math.PI * t + Math.PI * side, r = 0.1 + 1.2 * t; return [r * Math.cos(angle), r * Math.sin(angle)]; },
  "exclusive or": (t, side, next) => { const x = 2 * next() - 1, y = (side ? -1 : 1) * Math.sign(x) * next(); return [x, y].map(v => 1.2 * v + 0.08 * Math.sign(v)); },
};

function sample(name, count, noise, seed) {
  const next = random(seed), xs = [], ys = [];
  for (let i = 0; i < count; i++) {
    const side = i % 2, point = SETS[name](Math.floor(i / 2) / Math.max(1, count / 2 - 1), side, next);
    xs.push(point.map(x => x + noise * normal(next)));
    ys.push(side);
  }
  return { xs, ys };
}

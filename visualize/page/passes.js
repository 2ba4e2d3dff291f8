// The forward and the backward pass over the page's nodes, by the rules of the table: no page, only numbers.

const NEVER = 0;   // a slope of 0 is a mask (an arm not taken, relu's flat side) unless its kind is NEVER

// The nodes' numbers and local derivatives, from those of the leaves in `values`, which is filled in
function forward(nodes, rules, values) {
  const slopes = [];
  nodes.forEach((node, i) => {
    if (node.rule === undefined) return;
    const d = [];
    values[i] = rules[node.rule](node.parents.map(p => values[p]), d);
    slopes[i] = d;
  });
  return slopes;
}

// The steps of the sweep from the root: who sends what to whom, with the receiver's gradient before and after
function backward(nodes, root, slopes) {
  const gradients = nodes.map(() => 0), reached = nodes.map(() => false), steps = [];
  gradients[root] = 1;
  reached[root] = true;
  if (nodes[root].rule === undefined) return nodes[root].kind === "leaf" ? [{ node: root, upstream: 1, sent: [] }] : [];
  for (let i = root; i >= 0; i--) {
    const node = nodes[i];
    if (node.rule === undefined) continue;
    const upstream = gradients[i], sent = [];
    node.parents.forEach((parent, k) => {
      if (!takes(nodes[parent])) return;
      const local = slopes[i][k], mask = node.masks[Math.floor(k * node.masks.length / node.parents.length)];
      const passes = reached[i] && (local !== 0 || mask === NEVER), before = gradients[parent];
      const sends = Number.isFinite(upstream * local) ? upstream !== 0 : passes;
      if (sends) gradients[parent] += upstream * local;
      reached[parent] = reached[parent] || passes;
      sent.push({ parent, operand: k, local, sends, product: sends ? upstream * local : 0, before, after: gradients[parent] });
    });
    steps.push({ node: i, upstream, sent });
  }
  return steps;
}

const takes = node => node.kind !== "constant" && node.kind !== "input";

// Of each node the gradient after the first `count` steps; before the first, 0
function gradientsAfter(nodes, root, steps, count) {
  const gradients = nodes.map(() => 0);
  if (count > 0) gradients[root] = 1;
  for (const step of steps.slice(0, count)) for (const sent of step.sent) gradients[sent.parent] = sent.after;
  return gradients;
}

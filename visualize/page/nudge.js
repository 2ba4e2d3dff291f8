// A gradient once more, by nudging its leaf: Richardson's extrapolation of two central differences, with a step that
// stays in the domain on both sides. (Press and others, Numerical Recipes, 5.7.) At a kink the slopes on the two sides
// keep their difference however small the step; where digits run out the verdict is that it cannot be told.

// The differences with one step; null where they leave the finite numbers
function nudged(f, x, here, h) {
  const places = [x - h, x - h / 2, x + h / 2, x + h], [left, nearLeft, nearRight, right] = places.map(f);
  if (![left, nearLeft, here, nearRight, right].every(Number.isFinite)) return null;
  // A step is what is left of it when it is added: near a pole the last digit of x counts
  const wide = (right - left) / (places[3] - places[0]), narrow = (nearRight - nearLeft) / (places[2] - places[1]);
  const rounding = (1e-15 * (Math.abs(left) + Math.abs(right)) + 1e-323 + 2.3e-16 * Math.abs(x * narrow)) / h;
  const near = [(here - nearLeft) / (x - places[1]), (nearRight - here) / (places[2] - x)];
  const far = [(here - left) / (x - places[0]), (right - here) / (places[3] - x)];
  return { h, rounding, narrow, estimate: (4 * narrow - wide) / 3, error: Math.abs(wide - narrow) + rounding,
    near: Math.abs(near[1] - near[0]), gap: Math.abs(far[1] - far[0]), sides: near.map((slope, k) => 2 * slope - far[k]) };
}

const relative = tried => tried.estimate ? tried.error / Math.abs(tried.estimate) : Infinity;

// The better of two: of those that are near to their own size the one that is nearest, else the smaller error. A step
// across a pole may have a small error and a number that is nothing like the slope.
function better(a, b) {
  const [first, second] = [a, b].map(relative);
  return Math.min(first, second) <= 0.01 ? first < second : a.error < b.error;
}

function nudge(f, x, backwards) {
  const here = f(x), all = [];
  let best = null, kink = null;
  const first = 1e-3 * Math.max(1, Math.abs(x)), steps = Array.from({ length: 14 }, (_, k) => first / 8 ** k);
  // A kink that is seen may be at 0 and x beside it, smaller than all of these: some steps are to stay on x's own side
  const beside = x !== 0 && steps[13] > Math.abs(x) / 64 ? [8, 64, 512].map(part => Math.abs(x) / part) : [];
  let bent = false;
  for (const [tries, h] of [...steps, ...beside].entries()) {
    if (tries >= steps.length && !bent) break;
    const tried = nudged(f, x, here, h);
    if (!tried) continue;
    const { rounding, narrow, near, gap } = tried, seen = near > 20 * rounding + 1e-6 * Math.abs(narrow);
    if (seen && near > 0.9 * gap && near < 1.1 * gap) { kink = kink || (tries > 0 ? tried : null); bent = true; }
    else if (seen || kink && near + 20 * rounding < 0.5 * kink.near) kink = null;
    all.push(tried);
    if (!best || better(tried, best)) best = tried;
    if (relative(best) <= 1e-9 && Math.abs(best.estimate - backwards) <= best.error && !(seen && near > 0.75 * gap)) break;
  }
  if (kink) return { verdict: "kink", sides: kink.sides };
  const size = best && Math.max(Math.abs(best.estimate), Math.abs(backwards));
  const clear = best && (best.error <= 0.01 * size || backwards === 0 && best.error < 1e-7);
  if (!clear || !Number.isFinite(backwards)) return { verdict: "unknown" };
  const off = Math.abs(best.estimate - backwards), allowed = Math.max(best.error, 1e-8 * Math.abs(backwards));
  const found = { estimate: best.estimate, error: best.error };
  // With smaller steps a slope stays what it is, and its two sides come nearer to each other, but for rounding
  const steady = all.every(({ h, estimate, rounding, near, narrow }) => h >= best.h
    || Math.abs(estimate - best.estimate) <= 5 * rounding + 20 * best.error && near <= 1.5 * best.near + 20 * rounding + 1e-6 * Math.abs(narrow));
  const verdict = !steady ? "unknown" : off <= allowed ? "agrees" : off > 20 * allowed ? "differs" : "unknown";
  return { verdict, ...found };
}

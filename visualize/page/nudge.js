// A gradient once more, by nudging its leaf: Richardson's extrapolation of two central differences, with a step that
// stays in the domain on both sides. (Press and others, Numerical Recipes, 5.7.) At a kink the slopes on the two sides
// keep their difference however small the step; where digits run out the verdict is that it cannot be told.

function nudge(f, x, backwards) {
  let best = null, kink = null;
  const here = f(x);
  for (let h = 1e-3 * Math.max(1, Math.abs(x)), tries = 0; tries < 14; h /= 8, tries++) {
    const [left, nearLeft, nearRight, right] = [x - h, x - h / 2, x + h / 2, x + h].map(f);
    if (![left, nearLeft, here, nearRight, right].every(Number.isFinite)) continue;
    const wide = (right - left) / (2 * h), narrow = (nearRight - nearLeft) / h;
    const rounding = 1e-15 * (Math.abs(left) + Math.abs(right)) / h;
    const estimate = (4 * narrow - wide) / 3, error = Math.abs(wide - narrow) + rounding;
    const sides = [(here - nearLeft) / (h / 2), (nearRight - here) / (h / 2)];
    const gap = Math.abs((right - 2 * here + left) / h), near = Math.abs(sides[1] - sides[0]);
    const seen = near > 20 * rounding + 1e-6 * Math.abs(narrow);
    if (seen && near > 0.9 * gap && near < 1.1 * gap) kink = kink || (tries > 0 ? sides : null);
    else if (seen || 20 * rounding < 1e-6 * Math.abs(narrow)) kink = null;
    if (!best || error < best.error) best = { estimate, error };
    if (best.error <= 1e-9 * Math.abs(best.estimate) && !(seen && near > 0.75 * gap)) break;
  }
  if (kink) return { verdict: "kink", sides: kink };
  const size = best && Math.max(Math.abs(best.estimate), Math.abs(backwards));
  const clear = best && (best.error <= 0.01 * size || backwards === 0 && best.error < 1e-9);
  if (!clear || !Number.isFinite(backwards)) return { verdict: "unknown" };
  const off = Math.abs(best.estimate - backwards), allowed = Math.max(best.error, 1e-8 * Math.abs(backwards));
  return { verdict: off <= allowed ? "agrees" : off > 20 * allowed ? "differs" : "unknown", ...best };
}

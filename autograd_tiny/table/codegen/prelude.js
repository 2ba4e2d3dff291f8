// What the rules call: Math's functions under the names of C, and what Math has not, or answers otherwise than C.
const { exp, expm1, log, log1p, sqrt, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, abs: fabs } = Math;
const { log2, log10, cbrt, asinh, acosh, atanh, atan2, floor, ceil, trunc } = Math;
const fmod = (a, b) => a % b;
const rint = x => {  // to even, where Math.round goes up; beyond 2^52 there is nothing to round
  if (!(fabs(x) < 4503599627370496)) return x;
  const up = x < 0 ? (x - 4503599627370496) + 4503599627370496 : (x + 4503599627370496) - 4503599627370496;
  return up === 0 && (x < 0 || Object.is(x, -0)) ? -0 : up;
};
const pow = (a, b) => a === 1 || a === -1 && fabs(b) === Infinity ? 1 : Math.pow(a, b);

// e^(-x²) without the rounding of x², which would cost x² digits of the last place: x is split, after fdlibm's habit
function falling(x) {
  const top = Math.fround(x);
  return exp(-top * top) * exp((top - x) * (top + x));
}
// W. J. Cody's rational approximations of erf and erfc (Mathematics of Computation 23, 1969): near 0 in x², up to 4 in x,
// beyond that in 1/x²; from the highest power down. A page asks for thousands in a frame, so there are no loops to converge.
const CODY = [
  [[0.185777706184603153, 3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947],
   [1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062]],
  [[2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131, 881.95222124176909, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725],
   [1, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942]],
  [[0.0163153871373020978, 0.305326634961232344, 0.360344899949804439, 0.125781726111229246, 0.0160837851487422766, 6.58749161529837803e-4],
   [1, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191, 0.00233520497626869185]],
];
function ratio(x, [above, below]) {
  let p = 0, q = 0;
  for (let k = 0; k < above.length; k++) p = p * x + above[k];
  for (let k = 0; k < below.length; k++) q = q * x + below[k];
  return p / q;
}
const central = x => x * ratio(x * x, CODY[0]);
function beyond(x) {  // erfc from 0.47 on
  if (x > 28) return 0;
  if (x <= 4) return falling(x) * ratio(x, CODY[1]);
  const z = 1 / (x * x);
  return falling(x) * (1 / sqrt(Math.PI) - z * ratio(z, CODY[2])) / x;
}
const erf = x => fabs(x) <= 0.46875 ? central(x) : x > 0 ? 1 - beyond(x) : x < 0 ? beyond(-x) - 1 : x;
const erfc = x => fabs(x) <= 0.46875 ? 1 - central(x) : x > 0 ? beyond(x) : x < 0 ? 2 - beyond(-x) : x;

// A function that runs in Python only: what it gave there, to the last digits that JavaScript may have otherwise, and nan elsewhere
function recorded(calls) {
  return ($x, $d) => {
    for (const [xs, y, slopes] of calls) {
      if (xs.length === $x.length && xs.every((x, i) => x === $x[i] || Math.abs(x - $x[i]) <= 1e-12 * Math.abs(x))) { slopes.forEach((slope, i) => { $d[i] = slope; }); return y; }
    }
    $x.forEach((_, i) => { $d[i] = NaN; });
    return NaN;
  };
}

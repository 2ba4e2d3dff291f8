"use strict";
// Numbers as they are read and written on the page.

const number = x => typeof x === "string" ? { inf: Infinity, "-inf": -Infinity, nan: NaN }[x] : x;

function show(x, digits = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const rounded = Number(x.toPrecision(digits)), size = Math.abs(rounded);
  let text = String(rounded);
  if (size < 1e-4 || size >= 1e7) text = x.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e");
  return text.replace(/-/g, "−");
}

// "before → after", with digits enough to tell them apart where they differ
function change(before, after) {
  let digits = 4;
  while (digits < 17 && before !== after && show(before, digits) === show(after, digits)) digits += 1;
  return `${show(before, digits)} → ${show(after, digits)}`;
}

// A formula's places filled with numbers; "(" in a place asks for parentheses round a negative one
function fill(template, xs) {
  return template.replace(/\ue000(\(?)(\d+)\ue001/g, (_, open, i) => {
    const text = show(xs[Number(i)]);
    return open && text.startsWith("−") ? `(${text})` : text;
  });
}

// What someone typed, as a number; NaN if it is none
function read(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

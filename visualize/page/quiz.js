// Questions: before a backward step is shown, what does a gradient become? A wrong answer is told which mistake it is.

const near = (x, y) => Math.abs(x - y) <= 0.006 * Math.max(Math.abs(x), Math.abs(y)) || y === 0 && Math.abs(x) < 1e-9;

// Whether an answer is right, and what is said of it; mistakes are numbers that give themselves away, each with what it is
function judged({ right, way, mistakes }, answer) {
  if (near(answer, right)) return [true, `Right: ${way}.`];
  const found = mistakes.find(([wrong]) => near(answer, wrong));
  return [false, found ? `${show(answer)} is ${found[1]}. It is ${way}.` : `${show(answer)} is not it: ${way}.`];
}

const NUMBER = "A number, such as −0.5.";

// A line with a field for an answer and a button, either of which has it judged
function answering(judge) {
  const field = document.createElement("input"), button = document.createElement("button"), line = document.createElement("p");
  field.type = "text";
  field.inputMode = "decimal";
  field.setAttribute("aria-label", "your answer");
  button.type = "button";
  button.textContent = "answer";
  button.addEventListener("click", judge);
  field.addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); judge(); } });
  line.append(field, " ", button);
  return [line, field];
}

// What there is to ask about the next step; null where nothing is sent
function question() {
  if (position < forwardSteps || position >= total) return null;
  const { node, upstream, sent } = sweep[position - forwardSteps], sends = sent.filter(each => each.sends && Number.isFinite(each.after));
  if (!sends.length) return null;
  const each = sends.find(one => nodes[one.parent].kind === "leaf") || sends[0];
  return { node, upstream, ...each };
}

function verdict(asked, answer) {
  const { before, upstream, local, product: sent, after } = asked, derivativeText = derivative(asked.node, asked.parent);
  const way = `${show(before)} + ${show(upstream)} × ${show(local)} = ${show(after)}`;
  const noUpstream = `${derivativeText} alone: the upstream gradient, ${show(upstream)}, is forgotten`;
  const noLocal = `the upstream gradient alone: the local derivative ${derivativeText}, ${show(local)}, is forgotten`;
  const kept = `what this step sends alone: it is added to the ${show(before)} that is there, not put in its place`;
  const mistakes = [...(before ? [[sent, kept]] : []), [before + local, noUpstream], [before + upstream, noLocal], [local, noUpstream], [upstream, noLocal],
    [before - sent, before ? "right but for the sign of what is sent" : "the right size with the wrong sign"]];
  return judged({ right: after, way, mistakes }, answer);
}

// Asks instead of going on; whether there was something to ask
function ask() {
  const asked = question();
  if (!asked) return false;
  const [line, field] = answering(() => {
    const answer = read(field.value);
    if (!Number.isFinite(answer)) { put(element("now").lastChild, NUMBER); field.focus(); return; }
    const [right, said] = verdict(asked, answer);
    go(position + 1);
    element("now").prepend(paragraph(said, right ? "right" : "warning"));
    element("next").focus();
  });
  field.id = "answer";
  const before = asked.before ? ` It is ${show(asked.before)} before.` : "";
  element("now").replaceChildren(
    paragraph(`${nodes[asked.node].title} has the gradient ${show(asked.upstream)}.`, "head"),
    paragraph(`What is the gradient of ${nodes[asked.parent].name} after the next step?${before}`), line,
    paragraph("▶ shows it without an answer.", "note"));
  field.focus();
  return true;
}

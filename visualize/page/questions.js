// The lecturer's own questions: each with a field for the answer, and the mistake named where it is a known one.

const asking = data.questions || [], answered = new Map();   // of each question that was answered: whether rightly

function judged({ right, way, mistakes }, answer) {
  if (near(answer, right)) return [true, `Right: ${way}.`];
  const found = mistakes.find(([wrong]) => near(answer, wrong));
  return [false, found ? `${show(answer)} is ${found[1]}. It is ${way}.` : `${show(answer)} is not it: ${way}.`];
}

asking.forEach((asked, k) => {
  const item = document.createElement("li"), field = document.createElement("input"), button = document.createElement("button");
  const words = paragraph(asked.text), line = document.createElement("p"), said = document.createElement("div");
  words.id = "asked" + k;
  field.type = "text";
  field.inputMode = "decimal";
  field.setAttribute("aria-label", "your answer");
  field.setAttribute("aria-describedby", words.id);
  button.type = "button";
  button.textContent = "answer";
  said.setAttribute("aria-live", "polite");
  line.append(field, " ", button);
  const judge = () => {
    const answer = read(field.value);
    if (!Number.isFinite(answer)) { said.replaceChildren(paragraph("A number, such as −0.5.", "note")); field.focus(); return; }
    const [right, text] = judged(asked, answer);
    if (!answered.has(k)) answered.set(k, right);
    said.replaceChildren(paragraph(text, right ? "right" : "warning"), ...(asked.why ? [paragraph(asked.why, "note")] : []));
    const well = [...answered.values()].filter(Boolean).length;
    put(element("score"), `${well} of ${asking.length} right at the first answer`);
  };
  button.addEventListener("click", judge);
  field.addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); judge(); } });
  item.append(words, line, said);
  element("asked").append(item);
});
element("questions").hidden = !asking.length;

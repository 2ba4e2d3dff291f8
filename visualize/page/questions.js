// The lecturer's own questions: each with a field for the answer, and the mistake named where it is a known one.

const asking = data.questions || [], answered = new Map();   // of each question that was answered: whether rightly

asking.forEach((asked, k) => {
  const item = document.createElement("li"), words = paragraph(asked.text), said = document.createElement("div");
  words.id = "asked" + k;
  said.setAttribute("aria-live", "polite");
  const [line, field] = answering(() => {
    const answer = read(field.value);
    if (!Number.isFinite(answer)) { said.replaceChildren(paragraph(NUMBER, "note")); field.focus(); return; }
    const [right, text] = judged(asked, answer);
    if (!answered.has(k)) answered.set(k, right);
    said.replaceChildren(paragraph(text, right ? "right" : "warning"), ...(asked.why ? [paragraph(asked.why, "note")] : []));
    const well = [...answered.values()].filter(Boolean).length;
    put(element("score"), `${well} of ${asking.length} right at the first answer`);
  });
  field.setAttribute("aria-describedby", words.id);
  item.append(words, line, said);
  element("asked").append(item);
});
element("questions").hidden = !asking.length;

// Buttons, keys, links, light and dark.

boxes.forEach((box, i) => {
  box.addEventListener("click", () => { if (travelled > 4) return; stop(); go(ownStep(i)); open(i); });
  box.addEventListener("mouseenter", () => open(i));
  box.addEventListener("mouseleave", close);
  box.addEventListener("focus", () => { follow(box); open(i); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", event => {
    if (event.key === "Enter" || event.key === " ") { stop(); go(ownStep(i)); open(i); event.preventDefault(); event.stopPropagation(); }
    const up = { ArrowUp: 10, ArrowDown: -10 }[event.key];
    if (up && editable(nodes[i])) { set(i, moved(values[i], up)); open(i); event.preventDefault(); }
  });
});

groupBoxes.forEach((box, g) => {
  const unfold = () => {
    element("fold").checked = false;
    choose(false);
    follow(boxes[fold.groups[g].members.find(i => nodes[i].rule !== undefined) ?? fold.groups[g].members[0]]);
  };
  box.addEventListener("click", () => { if (travelled <= 4) unfold(); });
  box.addEventListener("focus", () => follow(box));
  box.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { unfold(); event.preventDefault(); event.stopPropagation(); } });
});
if (fold) {
  element("bylayer").hidden = false;
  element("fold").addEventListener("change", event => choose(event.target.checked));
}

function stop() {
  clearInterval(timer);
  timer = null;
  element("play").textContent = "▶ play";
  element("play").setAttribute("aria-pressed", "false");
}
function play() {
  if (timer !== null) { stop(); return; }
  if (position === total) go(0);
  element("play").textContent = "|| pause";
  element("play").setAttribute("aria-pressed", "true");
  timer = setInterval(() => {
    if (position === total || element("quiz").checked && ask()) stop();
    else go(position + 1);
  }, 900);
}
const actions = {
  first: () => go(0), back: () => go(position - 1), next: () => { if (!element("quiz").checked || element("answer") || !ask()) go(position + 1); }, last: () => go(total),
  turn: () => go(forwardSteps),
};
for (const [name, action] of Object.entries(actions)) element(name).addEventListener("click", () => { stop(); action(); });
const always = { play, fit, closer: () => zoom(1.25), farther: () => zoom(0.8), step1: () => descend(1), step10: () => descend(10), reset };
for (const [name, action] of Object.entries(always)) element(name).addEventListener("click", action);
element("quiz").addEventListener("change", event => { if (!event.target.checked || !ask()) tell(); });
element("scrubber").addEventListener("input", event => { stop(); go(Number(event.target.value)); });
element("slopes").addEventListener("change", event => picture.classList.toggle("plain", !event.target.checked));
if (element("books")) element("books").addEventListener("change", event => { booked = event.target.checked; tell(); });

// The theme: what the reader's system has, or ?theme=dark, or what a page around it says with postMessage({theme})
function paint(theme) { if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme; }
element("theme").addEventListener("click", () => paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
addEventListener("message", event => { if (event.data && typeof event.data === "object") paint(event.data.theme); });
paint(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
paint(new URLSearchParams(location.search).get("theme"));

// On paper all of the picture, and dark on light
let onScreen = null;
addEventListener("beforeprint", () => {
  onScreen = document.documentElement.dataset.theme;
  paint("light");
  drawing.setAttribute("viewBox", `0 0 ${whole.width} ${whole.height}`);
});
addEventListener("afterprint", () => { paint(onScreen); frame(); });

addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { close(); return; }
  const ticks = event.target.type === "checkbox";
  if (event.target.tagName === "INPUT" && !ticks && event.target.id !== "scrubber") return;
  const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last" }, others = { "+": "closer", "-": "farther", 0: "fit" };
  if (event.key in keys) { stop(); actions[keys[event.key]](); event.preventDefault(); }
  else if (event.key in others) { always[others[event.key]](); event.preventDefault(); }
  else if (event.key === " " && event.target.tagName !== "BUTTON" && !ticks) { play(); event.preventDefault(); }
});
function fromLink(write) {
  const found = /^#step=(\d+)$/.exec(location.hash);
  go(found ? Number(found[1]) : 0, write);
}
addEventListener("hashchange", () => { stop(); fromLink(true); });
let seen = `${innerWidth} ${innerHeight}`;
addEventListener("resize", () => { if (seen !== `${innerWidth} ${innerHeight}`) { seen = `${innerWidth} ${innerHeight}`; opening(); if (lit.length) follow(lit[0][0]); } });
// In a frame that has no size yet when this runs, once it has one
let sized = hasRoom();
new ResizeObserver(() => { if (!sized && hasRoom()) { sized = true; opening(); if (lit.length) follow(lit[0][0]); } }).observe(picture);
opening();
plot();
fromLink(false);
if (fold && nodes.length > 40) {            // a larger network opens folded
  element("fold").checked = true;
  choose(true);
}

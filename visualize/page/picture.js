// The picture: zoom, pan, fit, and following the current step.

const picture = element("picture"), drawings = [...picture.querySelectorAll("svg")];
const wholes = drawings.map(svg => ({ width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height }));
let drawing = drawings[0], whole = wholes[0];
const view = { x: 0, y: 0, scale: 1 };     // of the corner, in units of the drawing; pixels for each unit

function frame() {
  const { clientWidth: w, clientHeight: h } = picture;
  drawing.setAttribute("viewBox", `${view.x} ${view.y} ${w / view.scale} ${h / view.scale}`);
}

// Whether there is room for a picture: a page opened in the background, or in a closed tab, has none yet
const hasRoom = () => picture.clientWidth > 16 && picture.clientHeight > 16;

function fit() {
  if (!hasRoom()) return;
  const { clientWidth: w, clientHeight: h } = picture, largest = Math.max(1.6, innerWidth / 900);
  view.scale = Math.min(largest, (w - 16) / whole.width, (h - 16) / whole.height);
  view.x = (whole.width - w / view.scale) / 2;
  view.y = (whole.height - h / view.scale) / 2;
  frame();
}

// As fit, but never so small that nothing can be read: then the first boxes, and the picture follows the steps
function opening() {
  if (!hasRoom()) return;
  fit();
  const readable = innerWidth >= 1700 ? 1.5 : 1, { clientWidth: w, clientHeight: h } = picture;   // a projector
  if (view.scale >= 0.85 * readable) return;
  view.scale = readable;
  view.x = w / readable > whole.width ? (whole.width - w / readable) / 2 : 0;
  view.y = h / readable > whole.height ? (whole.height - h / readable) / 2 : 0;
  frame();
}

function choose(folded) {
  isFolded = folded && drawings.length > 1;
  const which = isFolded ? 1 : 0;
  drawings.forEach((svg, k) => svg.toggleAttribute("hidden", k !== which));
  drawing = drawings[which];
  whole = wholes[which];
  opening();
  light();
}

function zoom(factor, atX = picture.clientWidth / 2, atY = picture.clientHeight / 2) {
  const scale = Math.max(0.1, Math.min(6, view.scale * factor));
  view.x += atX / view.scale - atX / scale;
  view.y += atY / view.scale - atY / scale;
  view.scale = scale;
  frame();
}

function follow(box) {
  const a = box.getBoundingClientRect(), b = picture.getBoundingClientRect(), margin = 6;
  if (a.left < b.left + margin || a.right > b.right - margin) view.x += (a.left + a.width / 2 - b.left - b.width / 2) / view.scale;
  if (a.top < b.top + margin || a.bottom > b.bottom - margin) view.y += (a.top + a.height / 2 - b.top - b.height / 2) / view.scale;
  frame();
}

picture.addEventListener("wheel", event => {
  const place = picture.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 400), event.clientX - place.left, event.clientY - place.top);
  event.preventDefault();
}, { passive: false });

// One finger or the mouse moves the picture, or the number of the leaf it began on; two fingers zoom

const fingers = new Map();
let dragged = null;                         // the leaf whose number is being moved
let travelled = 0;

picture.addEventListener("pointerdown", event => {
  if (event.button !== 0) return;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  const box = event.target.closest(".n"), i = box && !isFolded ? Number(box.id.slice(1)) : -1;
  dragged = i >= 0 && editable(nodes[i]) && fingers.size === 1 ? { i, from: values[i], x: event.clientX } : null;
  travelled = 0;
});
addEventListener("pointermove", event => {
  const was = fingers.get(event.pointerId);
  if (!was) return;
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  const dx = event.clientX - was.x, dy = event.clientY - was.y;
  travelled += Math.abs(dx) + Math.abs(dy);
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (dragged) {
    if (travelled > 4) set(dragged.i, moved(dragged.from, Math.round((event.clientX - dragged.x) / 2)));
  } else if (others.length) {
    const apart = (x, y) => Math.hypot(x - others[0].x, y - others[0].y), place = picture.getBoundingClientRect();
    zoom(apart(event.clientX, event.clientY) / (apart(was.x, was.y) || 1), (event.clientX + others[0].x) / 2 - place.left, (event.clientY + others[0].y) / 2 - place.top);
  } else {
    view.x -= dx / view.scale;
    view.y -= dy / view.scale;
    frame();
  }
});
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, event => { fingers.delete(event.pointerId); dragged = null; });

// The network's boxes: a button for each neuron, with a thumbnail and a name, and the weights as lines between them.

const cells = [];                       // of each column (the inputs first) its neurons: { button, pen, numbers }
function place() {
  for (const column of cells) for (const cell of column) cell.button.remove();
  cells.length = 0;
  const sizes = [2, ...net.map(layer => layer.outputs)];
  sizes.forEach((size, c) => {
    cells.push(Array.from({ length: size }, (_, i) => {
      const button = document.createElement("button"), canvas = document.createElement("canvas"), word = document.createElement("span");
      canvas.width = canvas.height = SIDE;
      canvas.style.width = canvas.style.height = THUMB + "px";
      button.type = "button";
      button.className = "neuron";
      word.textContent = c === 0 ? "x" + lowered(i + 1) : c === net.length ? "ŷ" : `a${net.length > 1 ? raised(c) : ""}${lowered(i + 1)}`;
      button.setAttribute("aria-label", c === 0 ? "input " + (i + 1) : `neuron ${i + 1} of layer ${c}`);
      button.setAttribute("aria-pressed", "false");
      button.append(canvas, word);
      if (c) button.addEventListener("click", () => { chosen = chosen && chosen[0] === c && chosen[1] === i ? null : [c, i]; tell(); show(); });
      else button.disabled = true;
      element("network").append(button);
      return { button, pen: canvas.getContext("2d"), numbers: new Float64Array(SIDE * SIDE), image: new ImageData(SIDE, SIDE) };
    }));
  });
  arrange();
}

let wires = [];
function arrange() {
  const most = Math.max(...cells.map(column => column.length)), area = element("network");
  const line = Math.ceil(cells[0][0].button.querySelector("span").offsetHeight), frame = 4, gap = 3;
  area.style.minHeight = Math.max(440, most * (line + 2) + 8) + "px";
  const { clientWidth: w, clientHeight: h } = area, below = gap + line, room = h - 8 - below;
  // A name stands below its neuron; where a column is too full for that, beside it
  const widest = Math.min(1.8, w / (cells.length * 150) + 0.2) * THUMB, under = room / most - frame - below;
  const side = Math.max(8, Math.round(Math.min(widest, under >= 20 ? under : Math.min(28, room / most - frame - 2))));
  cells.forEach((column, c) => column.forEach((cell, i) => {
    cell.x = w * (c + 0.5) / cells.length;
    cell.y = 4 + room * (i + 0.5) / column.length;
    cell.button.style.left = cell.x + "px";
    cell.button.style.top = cell.y + "px";
    cell.button.classList.toggle("full", side + frame + below > room / column.length);
    cell.button.querySelector("canvas").style.width = cell.button.querySelector("canvas").style.height = side + "px";
  }));
  const svg = element("wires");
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.replaceChildren();
  wires = net.map((layer, l) => Array.from({ length: layer.w.length }, (_, k) => {
    const from = cells[l][k % layer.inputs], to = cells[l + 1][Math.floor(k / layer.inputs)];
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path"), half = (to.x - from.x) / 2;
    line.setAttribute("d", `M${from.x} ${from.y}C${from.x + half} ${from.y} ${to.x - half} ${to.y} ${to.x} ${to.y}`);
    line.setAttribute("fill", "none");
    svg.append(line);
    return line;
  }));
}

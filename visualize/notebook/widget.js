// A stepper page in a notebook's cell, in a frame of its own: it may run, and reaches nothing of the notebook but what
// is passed on here, where it stands and what its leaves hold.
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "stepper";
  frame.style.cssText = `width:100%;height:${model.get("height")}px;border:0`;
  frame.srcdoc = model.get("page");
  const send = () => frame.contentWindow && frame.contentWindow.postMessage({ stepper: model.get("told") }, "*");
  const receive = event => {
    if (event.source !== frame.contentWindow || !event.data || !event.data.stepper) return;
    model.set("asked", event.data.stepper);
    model.save_changes();
  };
  addEventListener("message", receive);
  model.on("change:told", send);
  frame.addEventListener("load", send);
  el.append(frame);
  return () => { removeEventListener("message", receive); model.off("change:told", send); };
}
export default { render };

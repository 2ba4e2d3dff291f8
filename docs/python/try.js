// The page where Python runs: Pyodide and our wheel from the site's own files, which may also be read without a server.
(() => {
if (self.TRYING) return;   // the theme may put the script in twice
self.TRYING = true;
const here = document.currentScript.src.replace(/[^/]*$/, ""), element = id => document.getElementById(id);

const script = src => new Promise((done, failed) => {
  const tag = document.createElement("script");
  tag.src = here + src;
  tag.onload = done;
  tag.onerror = () => failed(new Error(`${src} is not there: this site was built without npm`));
  document.head.append(tag);
});

async function unpacked(name) {
  const text = atob(PACKED[name]), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  delete PACKED[name];
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A module from its text; Pyodide's own ask where they are, and get to know
async function module(name) {
  const url = URL.createObjectURL(new Blob([await unpacked(name)], { type: "text/javascript" }));
  return import(url);
}

let booted = null, python = null;

async function boot() {
  say("loading Python, once for this page (9 MB, from this site) …");
  await script("files.js");
  await Promise.all(PARTS.map(script));
  const names = Object.keys(PACKED), { loadPyodide } = await module("pyodide.mjs");
  const createPyodideModule = (await module("pyodide.asm.mjs")).default;
  const held = new Map();
  for (const name of ["pyodide.asm.wasm", "python_stdlib.zip"]) held.set(name, await unpacked(name));
  const fetched = self.fetch;
  self.fetch = (what, ...more) => {
    const name = String(what.url ?? what).replace(/^.*\//, ""), type = name.endsWith(".wasm") ? "application/wasm" : "application/zip";
    return held.has(name) ? Promise.resolve(new Response(held.get(name), { headers: { "content-type": type } })) : fetched(what, ...more);
  };
  try {
    const lockFileContents = new TextDecoder().decode(await unpacked("lock.json"));
    python = await loadPyodide({ indexURL: here, packageBaseUrl: here, createPyodideModule, lockFileContents, fullStdLib: false });
  } finally { self.fetch = fetched; }
  const extractDir = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  for (const name of names.filter(name => name.endsWith(".whl"))) python.unpackArchive(await unpacked(name), "wheel", { extractDir });
  const dot = await (await module("viz.mjs")).instance();
  python.registerJsModule("page_layout", { layout: (source, format, engine) => dot.renderString(source, { format, engine }) });
  python.setStdout({ batched: line => write(line) });
  python.setStderr({ batched: line => write(line) });
  python.runPython(AROUND);
}

// What is around the reader's code: its last expression is shown as at a prompt, an error without the frames of ours
const AROUND = `
import html, importlib, pathlib, sys, time
importlib.invalidate_caches()
import visualize.layout, page_layout
visualize.layout.by_page = page_layout.layout
LIMIT = 60.0
jumps = sys.monitoring.events.JUMP | sys.monitoring.events.BRANCH
sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "limit")

def watch(code):
    """Stop the loops of this code after a minute: a page has no Ctrl-C."""
    sys.monitoring.set_local_events(sys.monitoring.PROFILER_ID, code, jumps)
    for part in code.co_consts:
        if hasattr(part, "co_consts"):
            watch(part)

def run_typed(code, names):
    import traceback
    from pyodide.code import CodeRunner
    began = time.monotonic()
    def jumped(*_):
        if time.monotonic() - began > LIMIT:
            raise TimeoutError(f"stopped after {LIMIT:g} seconds: is there a loop that does not end?")
    for event in (sys.monitoring.events.JUMP, sys.monitoring.events.BRANCH):
        sys.monitoring.register_callback(sys.monitoring.PROFILER_ID, event, jumped)
    try:
        runner = CodeRunner(code, filename="<your code>").compile()
        watch(runner.code)
        return as_html(runner.run(names))
    except BaseException as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<your code>"]
        print("".join(["Traceback (most recent call last):\\n", *traceback.format_list(frames)]) if frames else "", end="")
        print("".join(traceback.format_exception_only(error)).rstrip())
        return ""

def as_html(shown):
    if shown is None:
        return ""
    if type(shown).__name__ == "BackwardPass":
        from visualize import show_stepper
        shown = show_stepper(shown)
    if hasattr(shown, "_repr_html_"):
        return shown._repr_html_()
    if hasattr(shown, "_repr_svg_"):
        return shown._repr_svg_()
    if hasattr(shown, "_repr_mimebundle_"):
        return shown._repr_mimebundle_()["image/svg+xml"]
    if isinstance(shown, pathlib.Path) and shown.suffix == ".svg":
        return shown.read_text(encoding="utf-8")
    if isinstance(shown, pathlib.Path) and shown.suffix == ".html":
        page = html.escape(shown.read_text(encoding="utf-8"))
        return f'<iframe sandbox="allow-scripts" title="{html.escape(shown.name)}" srcdoc="{page}"></iframe>'
    print(repr(shown))
    return ""
`;

const say = text => { element("state").textContent = text; };
const write = line => { element("out").textContent += line + "\n"; };

async function go() {
  element("run").disabled = true;
  try {
    await (booted ??= boot());
    element("out").textContent = "";
    element("shown").replaceChildren();
    say("running …");
    await new Promise(done => setTimeout(done, 20));
    const names = python.globals.get("dict")(), runTyped = python.globals.get("run_typed");
    const html = runTyped(element("code").value, names);
    if (html) element("shown").innerHTML = html;
    say("done");
  } catch (error) {
    booted = python ? booted : null;
    say(String(error.message || error));
  }
  element("run").disabled = false;
}

const first = element("code").value;
element("start").addEventListener("change", event => {
  element("code").value = event.target.value ? element(event.target.value).textContent.trim() + "\n" : first;
});
element("run").addEventListener("click", go);
element("code").addEventListener("keydown", event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); go(); } });
})();

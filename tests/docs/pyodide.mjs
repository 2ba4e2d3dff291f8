// Runs tests in a browser's Python under Node: node pyodide.mjs PYODIDE WHEELS CLONE TEST…
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, wheels, clone, ...tests] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: folder + "/" });
const extractDir = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
for (const name of readdirSync(wheels)) python.unpackArchive(new Uint8Array(readFileSync(join(wheels, name))), "wheel", { extractDir });
python.FS.mkdirTree("/clone");
python.FS.mount(python.FS.filesystems.NODEFS, { root: clone }, "/clone");
python.globals.set("tests", python.toPy(tests));
let status = 1;
try {
  status = python.runPython(`
import importlib.metadata, os, sys
importlib.invalidate_caches()
sys.dont_write_bytecode = True
os.chdir("/clone/tests_alone")
sys.path.insert(0, "/clone/tests_alone")
import pytest
status = pytest.main(["-q", "-p", "no:cacheprovider", "-o", "addopts=", *tests])
import autograd_tiny, nn, visualize
print("engine", autograd_tiny.engine, "from", autograd_tiny.__file__, importlib.metadata.version("autograd-tiny"))
int(status)
`);
} catch (error) {
  console.log(error.message);
}
process.exit(status);

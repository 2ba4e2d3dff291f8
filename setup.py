"""Builds the compiled engine where there is a C compiler; without one the plain-Python engine serves.

The table of primitives writes the engine's rules and methods, so this imports the package, on its plain engine.
With AUTOGRAD_TINY_PURE=1 nothing is compiled. The examples stand beside the packages in a clone; a wheel has them
inside, as ``autograd_tiny_cli/_examples``.
"""

import gzip
import os
import sys
import tarfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
PURE = bool(os.environ.get("AUTOGRAD_TINY_PURE"))
SOURCES_ONLY = "sdist" in sys.argv and not {"build", "build_ext", "bdist_wheel", "develop", "install"} & {*sys.argv}
WHEN = int(os.environ.setdefault("SOURCE_DATE_EPOCH", "1767225600"))
"""What archives say of when their files were made, so that what is built twice has the same bytes."""
os.umask(0o022)  # a wheel's files have the modes that they are built with, and builders differ in what they take away
GENERATED = Path("build") / "engine"  # relative: setuptools wants its sources so


def write_rules() -> list[str]:
    """Write the engine's sources, with the table in them; their paths."""
    sys.path.insert(0, str(ROOT))
    asked = os.environ.get("AUTOGRAD_TINY_ENGINE")
    os.environ["AUTOGRAD_TINY_ENGINE"] = "python"
    try:
        from autograd_tiny.table.codegen import write_engine
    finally:
        sys.path.remove(str(ROOT))
        if asked is None:
            del os.environ["AUTOGRAD_TINY_ENGINE"]
        else:
            os.environ["AUTOGRAD_TINY_ENGINE"] = asked
    return [str(path.relative_to(ROOT)) for path in write_engine(ROOT / GENERATED)]


class BuildEngine(build_ext):
    """Compile the parts side by side; optimised and without debugging information, which takes a third of the time
    and names the folder of the build, unless CFLAGS ask for something else.
    """

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or True

    def build_extensions(self) -> None:
        if self.compiler.compiler_type == "unix":
            asked = os.environ.get("CFLAGS", "").split()
            usual = [flag for flag in ("-O2", "-g0") if not any(word.startswith(flag[:2]) for word in asked)]
            for extension in self.extensions:
                # No fused multiply-add: both engines are to give the same bits.
                extension.extra_compile_args += [*usual, "-ffp-contract=off"]
        super().build_extensions()


class SourceArchive(sdist):
    """The source distribution, with nothing in it of when, where and by whom it was packed."""

    def make_archive(self, base_name: str, format: str, root_dir: str | None = None, base_dir: str | None = None,
                     owner: str | None = None, group: str | None = None) -> str:  # fmt: skip
        if format != "gztar":
            return super().make_archive(base_name, format, root_dir, base_dir, owner, group)
        path, folder = f"{base_name}.tar.gz", Path(root_dir or ".")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=WHEN) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for each in [folder / (base_dir or "."), *sorted((folder / (base_dir or ".")).rglob("*"))]:
                archive.add(each, str(each.relative_to(folder)), recursive=False, filter=_anonymous)
        return path


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = WHEN, 0, 0, "", ""
    entry.mode = 0o755 if entry.isdir() else 0o644
    return entry


class BuildPackages(build_py):
    """The packages and, in a wheel, the examples; of what an earlier build left in the folder, nothing."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the clone's folder serves
            return
        for target, source in self._examples().items():
            self.mkpath(os.path.dirname(target))
            self.copy_file(source, target)
        made = set(map(os.path.abspath, self.get_outputs()))
        for package in {name.partition(".")[0] for name in self.packages}:
            for path in Path(self.build_lib, package).rglob("*"):  # a wheel takes all that is there
                compiled = path.suffix in (".so", ".pyd") and not PURE
                if path.is_file() and not compiled and os.path.abspath(path) not in made:
                    path.unlink()

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), *self._examples().values()]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        outputs = super().get_outputs(include_bytecode)
        return outputs if self.editable_mode else [*outputs, *self._examples()]

    def _examples(self) -> dict[str, str]:
        """Where each goes -> where it is."""
        folder = os.path.join(self.build_lib, "autograd_tiny_cli", "_examples")
        kinds = ("*.py", "*.toml")  # a lesson's questions are TOML
        sources = sorted(path.relative_to(ROOT) for kind in kinds for path in (ROOT / "examples").rglob(kind))
        return {os.path.join(folder, *path.parts[1:]): str(path) for path in sources}


def extensions() -> list[Extension]:
    if PURE or SOURCES_ONLY:  # a wheel for any Python, such as that of a browser; an archive, which has no C in it
        return []
    try:
        from Cython.Build import cythonize
    except ImportError:
        print("Cython is missing: building without the compiled engine", file=sys.stderr)
        return []
    engine = Extension(
        "autograd_tiny.core._engine",
        [str(GENERATED / "_engine.pyx")],
        depends=write_rules(),
        include_dirs=[str(GENERATED)],
    )
    run = "autograd_tiny/compiler/run"
    native = Extension(
        "autograd_tiny.compiler.run._native",
        [f"{run}/_native.pyx"],
        depends=sorted(map(str, Path(run).glob("_native_*.h"))),
        include_dirs=[run],
    )
    watch = Extension("autograd_tiny.compiler.record._watch", ["autograd_tiny/compiler/record/_watch.pyx"])
    made = cythonize([engine, native, watch], quiet=True, build_dir=str(GENERATED))
    for extension in made:
        # A failed build leaves the plain engine; CI asks for the compiled one, and so notices. (Said here, since
        # cythonize makes extensions anew and forgets it.)
        extension.optional = not os.environ.get("AUTOGRAD_TINY_REQUIRE_COMPILED")
    return made


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildEngine, "build_py": BuildPackages, "sdist": SourceArchive})

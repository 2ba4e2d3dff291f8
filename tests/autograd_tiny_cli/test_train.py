"""``autograd-tiny train``: on a file, on a file with mistakes, on an example."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd_tiny_cli import examples, tabular
from autograd_tiny_cli.columns import Column, readings
from autograd_tiny_cli.tables import read_table

pytest.importorskip("safetensors", reason="the model goes into a safetensors file: extra `files`")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def flowers(rows: int = 60) -> str:
    """Two columns of which the first tells the class, on scales that differ by 10,000."""
    rng = random.Random(0)
    lines = ["width,height,kind"]
    for _ in range(rows):
        x = rng.uniform(-1.0, 1.0)
        lines.append(f"{1000 * x:.3f},{rng.random() / 10:.4f},{'wide' if x > 0 else 'narrow'}")
    return "\n".join(lines) + "\n"


def test_classes_are_learnt_saved_and_predicted(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "data.csv", flowers())
    status, out, err = run("train", "data.csv", "--target", "kind", "--hidden", "4", "--epochs", "60", "--lr", "0.1")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "column 'kind' holds text: classes to tell apart"
    assert lines[1] == "60 rows: 'kind' (2 classes: narrow, wide) from 2 columns"
    assert lines[2] == "  width, height  numbers"
    assert lines[3].endswith("[4 ReLUNeuron(2)], Layer of [2 LinearNeuron(4)]], 22 parameters")
    assert lines[4] == "training on 48 rows (20% of them say when to stop), 12 rows held out"
    right, share = int(lines[-2].split()[0]), float(lines[-2].split("accuracy ")[1].split()[0])
    assert right >= 11
    assert lines[-2].startswith(f"{right} of 12 held-out rows right, accuracy {right / 12:.3f} (always saying '")
    assert share == pytest.approx(right / 12, abs=5e-4)
    assert lines[-1].startswith("wrote model.safetensors; next: autograd-tiny predict model.safetensors")
    status, out, err = run("predict", "model.safetensors", "data.csv")
    assert status == 0
    assert int(err.split(": ")[1].split()[0]) >= 57
    status, out, _ = run("train", "data.csv", "--target", "kind", "--epochs", "1")
    assert "wrote model.safetensors (in place of the one that was there)" in out


def test_a_quantity_is_learnt(run: Any, tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [(rng.random(), rng.random()) for _ in range(80)]
    write(tmp_path / "d.csv", "a,b,y\n" + "".join(f"{a},{b},{500 + 100 * a - 30 * b}\n" for a, b in rows))
    status, out, _ = run(
        "train", "d.csv", "--target", "y", "--hidden", "", "--epochs", "150", "--lr", "0.05", "--out", "m"
    )
    lines = out.splitlines()
    assert status == 0
    assert lines[0] == "column 'y' holds 80 different numbers: taken for a quantity (for classes: --task classify)"
    assert lines[-2].startswith("on 16 held-out rows: r² 0.99") or lines[-2].startswith("on 16 held-out rows: r² 1.0")
    assert "(always saying the training mean 5" in lines[-2]


def test_the_same_seed_gives_the_same_file(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "data.csv", flowers(20))
    for seed, out in (("1", "a"), ("1", "b"), ("2", "c")):
        assert run("train", "data.csv", "--target", "kind", "--epochs", "2", "--seed", seed, "--out", out)[0] == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_the_scale_is_that_of_the_training_rows(run: Any, tmp_path: Path) -> None:
    import nn
    from nn.data import Standardiser

    write(tmp_path / "data.csv", flowers(10))
    assert run("train", "data.csv", "--target", "kind", "--epochs", "1", "--held-out", "0.5")[0] == 0
    notes = nn.read_notes(tmp_path / "model.safetensors")
    table = read_table(tmp_path / "data.csv")
    columns = [Column("width"), Column("height")]
    everything = Standardiser.of([row.cells for row in readings(table, columns)[0]])
    assert [column["name"] for column in notes["columns"]] == ["width", "height"]
    assert notes["classes"] == ["narrow", "wide"]
    assert notes["scale"] != everything.to_dict()
    rows, kinds = zip(*[(row.cells, row.target) for row in readings(table, columns, "kind")[0]], strict=True)
    training = nn.train_test_split(rows, kinds, test_size=0.5, seed=0, stratify=kinds)[0]
    assert notes["scale"] == Standardiser.of(training).to_dict()


def test_delimiters_within_quoted_names_do_not_count(tmp_path: Path) -> None:
    assert read_table(write(tmp_path / "d.csv", '"a,b,c,d";e\n1;2\n')).names == ["a,b,c,d", "e"]


BAD = """\
1,2,a
1,2
1,x,a
,2,b

nan,1e999,b
1_0,2,
1,2,a,4
"1,5",2,a
2,1,b
1,2,a
2,1,b
"""
BAD_LINES = """\
  line 3: 2 cells, and the header names 3 columns
  line 4: column 'q' is 'x', not a number
  line 7: column 'q' is '1e999', not a finite number
  line 8: column 'p' is '1_0', not a number; column 'c' is empty
  line 9: 4 cells, and the header names 3 columns
  line 10: column 'p' is '1,5', not a number (write a decimal point)
"""


def test_bad_rows_are_named_by_line(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "bad.csv", "p,q,c\n" + BAD)
    status, _, err = run("train", "bad.csv", "--target", "c")
    assert status == 1
    assert err == (
        "autograd-tiny train: 'bad.csv': 6 of 11 rows are bad\n" + BAD_LINES
        + "  mend them, or go on without them: --skip-bad-rows\n"
    )  # fmt: skip
    assert not (tmp_path / "model.safetensors").exists()
    status, out, err = run("train", "bad.csv", "--target", "c", "--skip-bad-rows", "--epochs", "2")
    assert (status, err) == (0, "6 of 11 rows are bad and skipped:\n" + BAD_LINES)
    assert "5 rows: 'c' (2 classes: a, b) from 2 columns\n" in out


def test_many_bad_rows_are_cut_short_and_all_bad_is_an_end(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "bad.csv", "p,c\n" + "1,a\n" * 21 + "x,a\n" * 20)
    _, _, err = run("train", "bad.csv", "--target", "c")
    assert err.splitlines()[11:] == ["  and 10 more", "  mend them, or go on without them: --skip-bad-rows"]
    write(tmp_path / "bad.csv", "p,c\n1,\n2,\n")
    _, _, err = run("train", "bad.csv", "--target", "c", "--skip-bad-rows", "--task", "regress")
    assert err.startswith("autograd-tiny train: 'bad.csv': 2 of 2 rows are bad, so nothing is left\n  line 2: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'d.csv' is empty: expected a line with the names of the columns, then rows of data"),
        ("\n\n  \n", "'d.csv' is empty"),
        ("a,c\n", "'d.csv' has the names of 2 columns and no rows of data below them"),
        ("1.5,2\n3,4\n", "'d.csv', line 1: ['1.5', '2'] are numbers: expected the names of the columns first"),
        ("a,a,c\n1,2,x\n", "'d.csv', line 1: 'a' stands there more than once: give each column its own name"),
        ("\n,a,c\n1,2,x\n", "'d.csv', line 2: column 1 has no name: give it one (pandas: to_csv(path, index=False))"),
        ("a,c\n1,x\n2,\"y\n", "'d.csv', line 3: unexpected end of data; is a quotation mark not closed?"),
        ("a,C\n1,x\n", "--target got 'c': no such column in 'd.csv'; did you mean 'C'?"),
        ("a,b\n1,x\n", "--target got 'c': no such column in 'd.csv'; there are 'a', 'b'"),
        ("c\nx\ny\n", "'d.csv' has no column beside 'c': expected some to predict it from"),
        ("a,c\n1,x\n", "'d.csv' has one good row: expected at least 2, one to train on and one to hold out"),
        ("a,c\n1,x\n2,x\n", "column 'c' has the same value 'x' in every row: there is nothing to learn"),
        ("a,c\n1,x\n2,y\n3,z\n", "column 'c' has 3 different values in 3 rows, too many to be classes; is it a name or a number of the row? For a quantity: --task regress"),
        ("n,c\nBo,x\nAl,y\n", "'d.csv': no column is left to predict from\n  n  left out: 2 different texts in 2 rows\n"),
        ("n,m,c\n,q,x\n,q,y\n", "'d.csv': no column is left to predict from\n  n  left out: no cell is filled\n  m  left out: 'q' in every row\n"),
        ("a,c\n" + "9" * 400 + ",x\n2,y\n3,y\n", "  line 2: column 'a' is '9999"),
        ("a\0,c\n1,2\n", "'d.csv' is no text: expected a CSV or parquet file"),
        ("PK\x03\x04", "'d.csv' is a spreadsheet or an archive: save it as CSV first"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used(text: str, words: str, run: Any, tmp_path: Path) -> None:
    write(tmp_path / "d.csv", text)
    status, _, err = run("train", "d.csv", "--target", "c")
    assert (status, err.startswith("autograd-tiny train: ")) == (1, True)
    assert words in err
    assert not (tmp_path / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("größe;art, sorte;名\r\n1.5;a;0\r\n2.5;b;0\r\n1.6;a;1\r\n2.6;b;1\r\n", "utf-8-sig"),
        ('größe,"art, sorte",名\r\n1.5,a,0\r\n2.5,b,0\r\n1.6,a,1\r\n2.6,b,1\r\n', "utf-8"),
        ("größe\tart, sorte\t名\n 1.5 \t a \t0\n2.5\tb\t0\n\n1.6\ta\t1\n2.6\tb\t1", "utf-16"),
        ('"größe"|"art, sorte"|名\n"1.5"|"a"|0\n2.5|b|0\n1.6|a|1\n2.6|b|1\n', "utf-8"),
    ],
)
def test_ways_to_write_a_csv_file(text: str, encoding: str, tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "d.csv", text, encoding))
    assert table.names == ["größe", "art, sorte", "名"]
    good, bad = readings(table, [Column("größe"), Column("名")], "art, sorte")
    assert [(row.cells, row.target) for row in good] == [
        ([1.5, 0], "a"),
        ([2.5, 0], "b"),
        ([1.6, 1], "a"),
        ([2.6, 1], "b"),
    ]
    assert not bad


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "d.csv", '\n"a\nb",c\n"1\n",x\n\n2,"y\n\ny"\n3,z\n'))
    assert table.names == ["a\nb", "c"]
    assert [(row.line, row.cells) for row in table.rows] == [(4, ["1", "x"]), (7, ["2", "y\n\ny"]), (10, ["3", "z"])]


def test_a_file_that_is_no_utf8_names_the_line(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "d.csv", "a,c\n1,x\n2,größe\n", "latin-1")
    assert (
        "'d.csv', line 3, is no UTF-8 text: save the file as 'CSV UTF-8'" in run("train", "d.csv", "--target", "c")[2]
    )


@pytest.mark.parametrize(
    ("cells", "task", "why"),
    [
        (["a", "b", ""], "classify", "holds text"),
        (["0", "1", "1.0"], "classify", "holds 3 different whole numbers"),
        ([str(i) for i in range(20)], "classify", "holds 20 different whole numbers"),
        ([str(i) for i in range(21)], "regress", "holds 21 different numbers"),
        (["1.5", "1", "1"], "regress", "holds 2 different numbers"),
        (["1.5", "2.5", "n/a"], "regress", "holds 3 different numbers"),
        (["1.5", "a", "b"], "classify", "holds text"),
    ],
)
def test_the_task_is_guessed(cells: list[str], task: str, why: str) -> None:
    guessed, said = tabular.guess(cells)
    assert guessed == task
    assert said.startswith(why)


def test_classes_come_in_order() -> None:
    assert tabular.classes_of("c", ["10", "9", "-1"] * 2) == ["-1", "9", "10"]
    assert tabular.classes_of("c", ["b", "a", "B"] * 2) == ["B", "a", "b"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hidden", "4,x"], "--hidden got '4,x': expected sizes from 1 to 10000 with commas between, such as 16,16"),
        (["--hidden", "0"], "--hidden got '0'"),
        (["--hidden", "99999999999"], "--hidden got '99999999999'"),
        (["--activation", "rleu"], "relu"),
        (["--lr", "-1"], "--lr got -1.0: expected a learning rate above 0"),
        (["--lr", "nan"], "--lr got nan"),
        (["--epochs", "0"], "--epochs got 0: expected at least 1"),
        (["--batch-size", "0"], "--batch-size got 0: expected at least 1"),
        (["--patience", "-1"], "--patience got -1"),
        (["--held-out", "1"], "--held-out got 1.0: expected a share above 0 and below 1, such as 0.2"),
        (["--ignore", "heigt"], "--ignore got 'heigt': no such column in 'data.csv'; did you mean 'height'?"),
        (["--delimiter", ";;"], "--delimiter got ';;': expected one character"),
        (["--out", "."], "--out got '.', a folder: expected the name of a file"),
        (["--out", "no/m"], "--out got 'no/m': there is no folder 'no'; make it first"),
        (["--out", "data.csv"], "--out got 'data.csv', the file with the data: expected another"),
    ],
)  # fmt: skip
def test_bad_options_end_before_the_training(options: list[str], words: str, run: Any, tmp_path: Path) -> None:
    data = write(tmp_path / "data.csv", flowers(10))
    status, out, err = run("train", "data.csv", "--target", "kind", *options)
    assert (status, out) == (1, "")
    assert words in err
    assert (data.read_text(), [f.name for f in tmp_path.iterdir()]) == (flowers(10), ["data.csv"])


def test_a_diverged_training_saves_nothing(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "data.csv", "a,y\n" + "".join(f"{i},{i * i / 7}\n" for i in range(30)))
    status, _, err = run("train", "data.csv", "--target", "y", "--lr", "1e200", "--epochs", "20")
    assert status == 1
    assert "the training diverged: try a smaller --lr than 1e+200; no model was saved" in err
    assert not (tmp_path / "model.safetensors").exists()


def test_without_a_target_the_columns_are_named(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "data.csv", flowers(4))
    assert run("train", "data.csv")[2] == (
        "autograd-tiny train: which column is to be predicted? --target 'kind', or another of ['width', 'height', 'kind']\n"
    )


EXAMPLE = '''"""A small example: it does little."""
from neighbour import said

def main(epochs=None, seed=0, verbose=1):
    print(said, epochs, seed)
    return {}

if __name__ == "__main__":
    main()
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of examples: one with a main, one that is a script, one with a command line of its own, a helper."""
    folder = tmp_path / "examples"
    (folder / "lessons").mkdir(parents=True)
    write(folder / "small.py", EXAMPLE)
    write(folder / "neighbour.py", "said = 'hello'")
    write(
        folder / "own.py",
        'def main(arguments=None):\n    print(arguments)\n    return 3\nif __name__ == "__main__":\n    main()',
    )
    write(folder / "lessons" / "script.py", '"""A lesson."""\nif __name__ == "__main__":\n    print("learnt")')
    monkeypatch.setattr(examples, "FOLDER", folder)
    return folder


def test_examples_are_listed_and_run(run: Any, folder: Path) -> None:
    status, out, _ = run("train")
    assert status == 0
    assert out.splitlines()[2:] == [
        "examples:",
        "  own     ",
        "  small   A small example: it does little.",
        "lessons:",
        "  script  A lesson.",
    ]
    assert run("train", "small", "--epochs", "7", "--seed", "2") == (0, "hello 7 2\n", "")
    assert run("train", "small") == (0, "hello None 0\n", "")
    assert run("train", "own") == (3, "[]\n", "")
    assert run("train", "script") == (0, "learnt\n", "")


def test_examples_that_cannot_be_run(run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no file and no example 'smal'; did you mean 'small'?" in run("train", "smal")[2]
    assert "there is no file and no example 'neighbour'; there are 'own'" in run("train", "neighbour")[2]
    assert "the example 'script' has no setting --epochs" in run("train", "script", "--epochs", "3")[2]
    assert (
        "there is no file 'small', and an example has no setting --batch-size"
        in run("train", "small", "--batch-size", "3")[2]
    )
    for name in ("small.py", "lessons/script", "../x"):
        status, out, err = run("train", name)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert err.startswith(f"autograd-tiny train: there is no file {name!r}")
    assert run("train", "own", "--epochs", "3")[2] == (
        "autograd-tiny train: the example 'own' has no setting --epochs; for its own: "
        f"python {folder / 'own.py'} --help\n"
    )
    monkeypatch.setattr(examples, "FOLDER", folder / "no")
    for arguments in (["train", "small"], ["train"]):
        assert f"autograd-tiny train: there are no examples in {str(folder / 'no')!r}: " in run(*arguments)[2]


def test_a_file_that_is_not_there(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "iris.csv", "")
    for name, hint in (
        ("irs.csv", "; did you mean 'iris.csv'?"),
        ("prices.txt", f" (looked in {str(tmp_path)!r})"),
        ("no/iris.csv", ", nor a folder 'no'"),
    ):
        assert run("train", name) == (1, "", f"autograd-tiny train: there is no file {name!r}{hint}\n")


def test_examples_inside_an_installed_package_come_first(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "autograd_tiny"
    (package.parent / "examples").mkdir(parents=True)  # as some other package has left one there
    assert examples.folder(package) == package.parent / "examples"
    (package / "_examples").mkdir(parents=True)
    assert examples.folder(package) == package / "_examples"


def test_what_saves_the_model_is_looked_for_before_the_training(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "data.csv", flowers(10))
    monkeypatch.setitem(sys.modules, "safetensors", None)
    expected = "autograd-tiny train: safetensors is missing here: pip install 'autograd-tiny[files]'\n"
    assert run("train", "data.csv", "--target", "kind") == (1, "", expected)

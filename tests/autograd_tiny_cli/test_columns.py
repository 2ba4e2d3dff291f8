"""Tables as they come: text, empty cells, dates, decimal commas, parquet; what was done is said, saved and done again."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from autograd_tiny_cli import dates
from autograd_tiny_cli.columns import Column, LeftOut, kind_of, readings
from autograd_tiny_cli.tables import Row, Table, read_table

pytestmark = pytest.mark.once

pytest.importorskip("safetensors", reason="the model goes into a safetensors file: extra `files`")


def passengers() -> list[list[str]]:
    """A table as people have them; who is female survives."""
    rng = random.Random(0)
    rows = [["name", "sex", "age", "class", "joined", "empty", "survived"]]
    for i in range(80):
        sex = rng.choice(["male", "female"])
        age = "" if i % 8 == 3 else f"{rng.uniform(1, 80):.1f}"
        day = "n/a" if i == 4 else f"{rng.randint(1990, 2020)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        rows.append([f'Smith, "{i}"', sex, age, str(rng.randint(1, 3)), day, "", "yes" if sex == "female" else "no"])
    return rows


def write(path: Path, rows: list[list[str]], **dialect: Any) -> Path:
    with path.open("w", newline="", encoding=dialect.pop("encoding", "utf-8")) as file:
        csv.writer(file, **dialect).writerows(rows)
    return path


TRAIN = ("--target", "survived", "--categories", "class", "--epochs", "30", "--hidden", "4")


def test_what_is_done_to_each_column_is_printed_saved_and_done_again(run: Any, tmp_path: Path) -> None:
    import nn

    write(tmp_path / "p.csv", passengers())
    status, out, err = run("train", "p.csv", *TRAIN)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[1] == "80 rows: 'survived' (2 classes: no, yes) from 4 columns"
    assert lines[2] == "  sex     2 categories: female, male"
    assert lines[3].startswith("  age     a number, empty in ")
    assert lines[3].endswith(" instead, and a mark")
    assert lines[4] == "  class   3 categories: 1, 2, 3"
    assert lines[5].startswith("  joined  a date as ISO: days, time of year, weekday")
    assert lines[6:8] == ["  name    left out: 80 different texts in 80 rows", "  empty   left out: no cell is filled"]
    notes = nn.read_notes(tmp_path / "model.safetensors")
    assert [column["name"] for column in notes["columns"]] == ["sex", "age", "class", "joined"]
    assert notes["columns"][0]["categories"] == ["female", "male"]
    assert notes["left_out"] == {
        "name": "80 different texts in 80 rows",
        "empty": "no cell is filled",
    }
    status, out, err = run("predict", "model.safetensors", "p.csv")
    assert (status, err) == (0, "compared with column 'survived': 80 of 80 right\n")


def test_the_same_table_in_other_clothes_gives_the_same_predictions(run: Any, tmp_path: Path) -> None:
    """Semicolons, quotation marks everywhere, decimal commas, a byte order mark, UTF-16, columns in another order."""
    rows = passengers()
    write(tmp_path / "p.csv", rows)
    assert run("train", "p.csv", *TRAIN)[0] == 0
    expected = [line.split(",")[1:] for line in run("predict", "model.safetensors", "p.csv")[1].splitlines()]
    commas = [[cell.replace(".", ",") if i == 2 else cell for i, cell in enumerate(row)] for row in rows]
    write(tmp_path / "1.csv", commas, delimiter=";", quoting=csv.QUOTE_ALL, encoding="utf-8-sig")
    write(tmp_path / "2.csv", [row[::-1] for row in rows], delimiter="\t", encoding="utf-16", lineterminator="\n")
    for name in ("1.csv", "2.csv"):
        found = [line.split(",")[1:] for line in run("predict", "model.safetensors", name)[1].splitlines()]
        assert found == expected
    _status, out, _ = run("train", "1.csv", *TRAIN)
    assert "age     a number with a decimal comma, empty in" in out
    assert [line.split(",")[1:] for line in run("predict", "model.safetensors", "p.csv")[1].splitlines()] == expected


def test_parquet(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="reads parquet: extra `parquet`")
    import datetime as dt

    import pyarrow
    from pyarrow import parquet

    header, *rows = passengers()
    write(tmp_path / "p.csv", [header, *rows])
    assert run("train", "p.csv", *TRAIN)[0] == 0
    expected = run("predict", "model.safetensors", "p.csv")[1].splitlines()
    columns: dict[str, list[Any]] = {name: list(cells) for name, *cells in zip(header, *rows, strict=True)}
    columns["age"] = [float(cell) if cell else None for cell in columns["age"]]
    columns["class"] = [int(cell) for cell in columns["class"]]
    columns["joined"] = [dt.date.fromisoformat(cell) if cell != "n/a" else None for cell in columns["joined"]]
    parquet.write_table(pyarrow.table(columns), tmp_path / "p.parquet")
    status, out, err = run("predict", "model.safetensors", "p.parquet")
    assert (status, err) == (0, "compared with column 'survived': 80 of 80 right\n")
    assert out.splitlines()[0] == "row,survived,probability"
    assert [line.split(",")[1:] for line in out.splitlines()] == [line.split(",")[1:] for line in expected]
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == [str(i) for i in range(1, 81)]
    (tmp_path / "broken.parquet").write_bytes((tmp_path / "p.parquet").read_bytes()[:500])
    status, out, err = run("train", "broken.parquet", "--target", "survived")
    assert (status, err.startswith("autograd-tiny train: 'broken.parquet' cannot be read as parquet: ")) == (1, True)


def test_parquet_without_pyarrow(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    (tmp_path / "p.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    expected = "autograd-tiny train: pyarrow is missing here: pip install 'autograd-tiny[parquet]'\n"
    assert run("train", "p.parquet", "--target", "c") == (1, "", expected)


def test_what_the_training_had_not_is_said(run: Any, tmp_path: Path) -> None:
    rows = [["colour", "size", "kind"]] + [[("red", "blue")[i % 2], str(i), ("a", "b")[i % 2]] for i in range(20)]
    write(tmp_path / "d.csv", rows)
    assert run("train", "d.csv", "--target", "kind", "--epochs", "1")[0] == 0
    write(tmp_path / "new.csv", [["size", "colour"], ["", "red"], ["3", "pink"], ["4", ""], ["5", "pink"]])
    status, out, err = run("predict", "model.safetensors", "new.csv")
    assert (status, len(out.splitlines())) == (0, 5)
    assert err == (
        "column 'colour' is empty in 1 row: taken as none of the categories\n"
        "column 'colour' has what the training rows had not, in 2 rows: 'pink'; taken as none of the categories\n"
        "column 'size' is empty in 1 row: taken as in the middle of the training's\n"
    )


def table(*cells: str, delimiter: str = ",") -> Table:
    return Table(Path("d.csv"), ["x"], [Row(i, [cell]) for i, cell in enumerate(cells, start=2)], delimiter)


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected"),
    [
        (["1", "2.5", "1e3", "x"], ",", Column("x")),
        (["1", "NA", "?", ""], ",", Column("x")),
        (["1,5", "2"], ";", Column("x", comma=True)),
        (["a", "b", "a", "b"], ",", Column("x", "category")),
        (["+", "-", "+", "+"], ",", Column("x", "category")),
        (["2024-02-29", "2023-01-01", "soon"], ",", Column("x", "date", form="ISO")),
        (["2024-02-29T12:30Z"], ",", Column("x", "date", form="ISO", clock=True)),
        (["29.02.2024 12:30", "01.02.2024 00:00"], ";", Column("x", "date", form="%d.%m.%Y %H:%M", clock=True)),
        (["29/02/2024", "01/02/2024"], ",", Column("x", "date", form="%d/%m/%Y")),
        (["02/29/2024", "01/02/2024"], ",", Column("x", "date", form="%m/%d/%Y")),
    ],
)
def test_a_column_is_what_most_of_its_cells_are(cells: list[str], delimiter: str, expected: Column) -> None:
    found = kind_of(table(*cells, delimiter=delimiter), "x")
    assert found == expected
    assert Column.from_dict(found.to_dict()) == found


def test_days_or_months_first_is_not_guessed(run: Any, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"in column 'x', such as '01/02/2024', are '%d/%m/%Y' or '%m/%d/%Y': write --date"
    ):
        kind_of(table("01/02/2024", "03/04/2024"), "x")
    assert kind_of(table("01/02/2024", "03/04/2024"), "x", form="%m/%d/%Y").form == "%m/%d/%Y"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([f"name {i}" for i in range(60)] * 2, "60 different texts in 120 rows"),
        (["a", "b", "c"], "3 different texts in 3 rows"),
        ([f"{i / 10}%" for i in range(60)], r"60 different texts in 60 rows, such as '0.0%': for numbers write digits"),
        (
            [f"$ 1,{i:03}.50" for i in range(60)],
            r"such as '\$ 1,000\.50': for numbers write digits and a decimal point",
        ),
        (["", "NaN"], "no cell is filled"),
        (["a", "a"], "'a' in every row"),
    ],
)
def test_a_column_that_says_nothing_of_other_rows_is_left_out(cells: list[str], reason: str) -> None:
    with pytest.raises(LeftOut, match=reason):
        kind_of(table(*cells), "x")


def test_a_thousands_comma_is_no_decimal_comma() -> None:
    """In a file whose cells are separated by commas, "1,234" may be either: it is a bad row."""
    given = table("1,234", "2.5", "3.5")
    good, bad = readings(given, [kind_of(given, "x")])
    assert [row.cells for row in good] == [[2.5], [3.5]]
    assert bad[0].reason == "column 'x' is '1,234', not a number (write a decimal point)"


def test_dates_as_numbers() -> None:
    day = dates.moment("2024-01-01", dates.ISO)
    assert day is not None
    monday = dates.features(dates.days_of(day), clock=True)
    assert monday[0] == 8766.0
    assert monday[3:5] == [0.0, 1.0]
    noon = dates.moment("2024-01-08 12:00+02:00", dates.ISO)
    assert noon is not None
    assert noon.hour == 10
    assert dates.features(dates.days_of(noon), clock=True)[3:5] == monday[3:5]


@pytest.mark.parametrize(
    "given",
    [3, None, {}, {"name": 3}, {"name": "x", "kind": "picture"}, {"name": "x", "categories": [1]},
     {"name": "x", "fill": float("nan")}, {"name": "x", "empty": "3"}, {"name": "x", "code": "1"}],
)  # fmt: skip
def test_columns_of_a_file_of_anybodys(given: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="a column is"):
        Column.from_dict(given)


def test_a_file_of_an_older_version_refuses_empty_cells(tmp_path: Path) -> None:
    given = table("", "1")
    assert readings(given, [Column.from_dict("x")], fitted=True)[1][0].reason == "column 'x' is empty"


def test_lone_quotation_marks_and_spaces(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text('a;b\r\n 1 ;"x ""y"" z"\r\n\r\n2;" q"\r\n')
    found = read_table(tmp_path / "d.csv")
    assert found.rows == [Row(2, ["1", 'x "y" z']), Row(4, ["2", "q"])]


def test_quoted_decimal_commas_where_the_model_was_trained_with_some(run: Any, tmp_path: Path) -> None:
    rows = [["size", "kind"]] + [[f"{i / 4:.2f}".replace(".", ","), "high" if i > 20 else "low"] for i in range(40)]
    write(tmp_path / "train.csv", rows, delimiter=";")
    write(tmp_path / "other.csv", rows)  # commas separate the cells, and numbers are in quotation marks
    assert run("train", "train.csv", "--target", "kind", "--epochs", "2")[0] == 0
    expected = run("predict", "model.safetensors", "train.csv")
    assert expected[0] == 0
    assert run("predict", "model.safetensors", "other.csv") == expected


def test_a_category_of_several_lines_is_told_on_one() -> None:
    given = table(*["one\ntwo", "plain"] * 4)
    column = kind_of(given, given.names[0])
    good, _ = readings(given, [column])
    assert column.fitted([row.cells[0] for row in good]).told == "2 categories: 'one\\ntwo', plain"

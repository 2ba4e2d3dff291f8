"""Training on chunks that workers read: the same bits with any number of workers, and when one of them is killed."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
import nn
from autograd_tiny import Value
from nn.training import engines

pytestmark = pytest.mark.once

joblib = pytest.importorskip("joblib", reason="joblib is not installed (scikit-learn brings it)")

RNG = np.random.default_rng(3)
X = RNG.normal(size=(600, 3))
Y = np.sin(X[:, 0]) - X[:, 1] * X[:, 2]


def trained(data: Any, target: Any = None, **more: Any) -> tuple[list[float], Any]:
    model = nn.MLP(3, [8, 1], "tanh", seed=5)
    settings: dict[str, Any] = {"batch_size": None, "epochs": 4, "seed": 1, "verbose": 0, **more}
    optimizer = nn.SGD(model.parameters(), lr=0.05, momentum=0.9)
    history = nn.fit(model, data, target, optimizer=optimizer, **settings)
    return [p.data for p in model.parameters()], history


def files(folder: Path, kind: str) -> Path:
    """The data as six files of 100 rows, the target last."""
    rows = np.column_stack([X, Y])
    for i in range(6):
        part, path = rows[i * 100 : (i + 1) * 100], folder / f"part{i}.{kind}"
        match kind:
            case "npy":
                np.save(path, part)
            case "npz":
                np.savez(path, X=part[:, :3], y=part[:, 3])
            case "csv":
                np.savetxt(path, part, "%.17g", delimiter=",", header="a,b,c,y", comments="")
            case _:
                pandas = pytest.importorskip("pandas", reason="pandas is not installed: pip install pandas")
                pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install pyarrow")
                pandas.DataFrame(part, columns=[*"abcy"]).to_parquet(path)
    return folder


def test_chunks_give_what_arrays_give(tmp_path: Path) -> None:
    expected, plain = trained(X.tolist(), Y.tolist(), compile=True)
    found, history = trained(files(tmp_path, "npy"))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert history.loss == pytest.approx(plain.loss, rel=1e-12)
    assert history.evaluation == "by a compiled program, on 6 chunks"


@pytest.mark.parametrize("kind", ["npz", "csv", "parquet"])
def test_files_of_every_kind_give_the_same_bits(kind: str, tmp_path: Path) -> None:
    (tmp_path / "npy").mkdir()
    (tmp_path / kind).mkdir()
    expected, _ = trained(files(tmp_path / "npy", "npy"))
    assert trained(files(tmp_path / kind, kind))[0] == expected
    if kind in ("csv", "parquet"):
        assert trained(tmp_path / kind, "y")[0] == expected
    assert trained([partial(read, tmp_path / "npy" / f"part{i}.npy") for i in range(6)])[0] == expected


def read(path: Path) -> tuple[Any, Any]:
    rows = np.load(path)
    return rows[:, :3], rows[:, 3]


def test_joblib_gives_the_same_bits_with_any_number_of_workers(tmp_path: Path) -> None:
    folder = files(tmp_path, "npy")
    expected, _ = trained(folder, batch_size=200)
    for workers in (1, 2, 3):
        found, history = trained(folder, batch_size=200, engine=joblib.Parallel(n_jobs=workers))
        assert found == expected
        assert history.iterations == 4 * 3


def killing(path: Path, mark: Path) -> tuple[Any, Any]:
    """Reads a chunk; the first time, the process that reads it is killed."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return read(path)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


def once_killed(folder: Path, marks: Path) -> list[Any]:
    parts = [partial(read, folder / f"part{i}.npy") for i in range(6)]
    return [*parts[:2], partial(killing, folder / "part2.npy", marks), *parts[3:]]


def test_a_killed_worker_of_joblib_costs_no_correctness(tmp_path: Path) -> None:
    expected, _ = trained(files(tmp_path, "npy"))
    found, _ = trained(once_killed(tmp_path, tmp_path / "killed"), engine=joblib.Parallel(n_jobs=2))
    assert (tmp_path / "killed").exists()
    assert found == expected


def killing_at(path: Path, reads: Path, at: int) -> tuple[Any, Any]:
    """Reads a chunk; at the read of that number, counted over all processes, the one that reads is killed."""
    for i in range(1000):
        try:
            (reads / str(i)).touch(exist_ok=False)
        except FileExistsError:
            continue
        if i == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(path)
    raise AssertionError("read a thousand times")


def killed_somewhere(folder: Path, reads: Path, number: int) -> list[Any]:
    """The chunks, one of which is deadly in one epoch: at its first read they are counted, then come the epochs."""
    reads.mkdir()
    parts = [partial(read, folder / f"part{i}.npy") for i in range(6)]
    parts[number % 6] = partial(killing_at, folder / f"part{number % 6}.npy", reads, number % 5)
    return parts


@pytest.mark.long
@pytest.mark.filterwarnings("default")
def test_a_worker_is_killed_in_each_of_fifty_runs(client: Any, tmp_path: Path) -> None:
    """Half of them with Dask, half with joblib: at the first look at the data or in any epoch."""
    expected, _ = trained(files(tmp_path, "npy"), batch_size=200)
    for number in range(50):
        engine = client if number % 2 else joblib.Parallel(n_jobs=2)
        reads = tmp_path / f"reads{number}"
        found, _ = trained(killed_somewhere(tmp_path, reads, number), batch_size=200, engine=engine)
        assert (reads / str(number % 5)).exists()
        assert found == expected


@pytest.mark.long
@pytest.mark.filterwarnings("default")
def test_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By joblib's backend for it; a program is sent as anything else."""
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install ray")
    from ray.util.joblib import register_ray

    expected, _ = trained(files(tmp_path, "npy"), batch_size=200)
    program = ad.compile(lambda x: (Value(0.5) * x).tanh())
    program(1.0)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        register_ray()
        assert trained(tmp_path, batch_size=200, engine=joblib.Parallel(n_jobs=2, backend="ray"))[0] == expected
        asked = ray.remote(lambda p, x: p.value_and_grad(x))
        assert ray.get(asked.remote(program, 3.0)) == program.value_and_grad(3.0)
    finally:
        ray.shutdown()


def test_what_is_shared_is_sent_once_and_groups_keep_the_order() -> None:
    made = pickle.loads(pickle.dumps(engines.Packed([lambda: 3])))
    assert made.open()[0]() == 3
    assert made.open() is pickle.loads(pickle.dumps(made)).open()
    for most in (1, 2, 3, 7, 20):
        groups = engines._groups(range(7), most)
        assert [chunk for group in groups for chunk in group] == [*range(7)]
        assert len(groups) == min(most, 7)
        assert max(map(len, groups)) - min(map(len, groups)) <= 1


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two processes of Dask."""
    distributed = pytest.importorskip("distributed", reason="dask is not installed: pip install 'dask[distributed]'")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as found,
    ):
        yield found


@pytest.mark.filterwarnings("default")
def test_dask_gives_the_same_bits_and_survives_the_kill_of_a_worker(client: Any, tmp_path: Path) -> None:
    expected, _ = trained(files(tmp_path, "npy"), batch_size=200)
    assert trained(tmp_path, batch_size=200, engine=client)[0] == expected
    expected, _ = trained(tmp_path)
    assert trained(once_killed(tmp_path, tmp_path / "killed"), engine=client)[0] == expected
    assert (tmp_path / "killed").exists()


@pytest.mark.filterwarnings("default")
def test_dask_arrays_and_frames(client: Any, tmp_path: Path) -> None:
    array = pytest.importorskip("dask.array", reason="dask.array is not installed: pip install 'dask[array]'")
    expected, _ = trained(files(tmp_path, "npy"))
    samples, targets = array.from_array(X, chunks=(100, 3)), array.from_array(Y, chunks=100)
    assert trained(samples, targets, engine=client)[0] == expected
    assert trained(samples, targets)[0] == expected
    frame = pytest.importorskip(
        "dask.dataframe", reason="dask.dataframe is not installed: pip install 'dask[dataframe]'"
    )
    pandas = pytest.importorskip("pandas")
    rows = frame.from_pandas(pandas.DataFrame(np.column_stack([X, Y]), columns=[*"abcy"]), npartitions=6)
    assert trained(rows[[*"abc"]], rows["y"], engine=client)[0] == expected
    with pytest.raises(ValueError, match=r"X is cut through its samples: write X\.rechunk"):
        trained(array.from_array(X, chunks=(100, 2)), targets)
    with pytest.raises(ValueError, match="blocks of different rows"):
        trained(samples, array.from_array(Y, chunks=150))


def test_classes_penalty_validation_metrics_and_checkpoints(tmp_path: Path) -> None:
    labels = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)

    def run(data: Any, target: Any, epochs: int, checkpoint: Path | None = None, **more: Any) -> list[float]:
        model = nn.MLP(3, [6, 3], "tanh", seed=5)
        history = nn.fit(
            model, data, target, loss="cross_entropy", optimizer=nn.Adam(model.parameters(), lr=0.01), epochs=epochs,
            penalty=partial(nn.l2_penalty, strength=1e-3), validation=(X[:50], labels[:50]), metrics="accuracy",
            batch_size=None, verbose=0, seed=1, checkpoint=checkpoint, **more,
        )  # fmt: skip
        assert history.records[-1].validation_metrics.keys() == {"accuracy"}
        return [p.data for p in model.parameters()]

    expected = run(X.tolist(), labels.tolist(), 4, compile=True)
    engine = joblib.Parallel(n_jobs=2)
    chunks = [partial(part, labels, i) for i in range(6)]
    found = run(chunks, None, 4, engine=engine)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    run(chunks, None, 2, tmp_path / "c.json", engine=engine)
    assert run(chunks, None, 4, tmp_path / "c.json") == found


def part(labels: Any, i: int) -> tuple[Any, Any]:
    return X[i * 100 : (i + 1) * 100], labels[i * 100 : (i + 1) * 100]


def test_what_cannot_be_trained_on_is_said_with_its_file(tmp_path: Path) -> None:
    files(tmp_path, "npy")
    rows = np.load(tmp_path / "part3.npy")
    rows[17, 2] = np.nan
    np.save(tmp_path / "part3.npy", rows)
    with pytest.raises(ValueError, match=r"part3\.npy: sample 17 has a number that is not finite"):
        trained(tmp_path)
    np.save(tmp_path / "part3.npy", rows[:, [0, 1, 3]])
    with pytest.raises(ValueError, match=r"part3\.npy has samples of shape \(2,\), and .*part0\.npy of \(3,\)"):
        trained(tmp_path)
    np.save(tmp_path / "part3.npy", rows[:0])
    with pytest.raises(ValueError, match=r"part3\.npy has no samples"):
        trained(tmp_path)
    np.save(tmp_path / "part3.npy", np.array([[object()]]), allow_pickle=True)
    with pytest.raises(ValueError, match=r"part3\.npy: .*Python objects"):
        trained(tmp_path)


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"engine": 4}, TypeError, "expected a dask.distributed.Client or a joblib.Parallel"),
        ({"validation": 0.2}, ValueError, r"a share of data in chunks: expected \(X, y\)"),
        ({"metrics": "r2_score"}, ValueError, "those of the validation data"),
        ({"compile": False}, ValueError, "a worker trains by a compiled program"),
    ],
)
def test_what_chunks_do_not_have_is_said(more: Any, error: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=words):
        trained(files(tmp_path, "npy"), **more)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"part0\.csv has no column 'z'; its columns are a, b, c, y"):
        trained(files(tmp_path, "csv"), "z")
    with pytest.raises(ValueError, match=r"there is no \.npy, \.npz, \.csv or \.parquet in"):
        (tmp_path / "empty").mkdir()
        trained(tmp_path / "empty")
    with pytest.raises(FileNotFoundError, match=r"there is no file and no folder '.*nowhere'"):
        trained(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"is of no kind that is read here: expected \.npy"):
        trained(["data.xlsx"])


@pytest.mark.parametrize(("chunks", "most", "expected"), [(0, 4, [0]), (1, 4, [1]), (5, 2, [2, 3]), (3, 1, [3])])
def test_groups_of_any_number_of_chunks(chunks: int, most: int, expected: list[int]) -> None:
    assert [len(group) for group in engines._groups(range(chunks), most)] == expected


def test_a_chunk_without_samples_is_named_and_what_to_do(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((0, 3)))
    model = nn.MLP(2, [1], seed=0)
    with pytest.raises(ValueError, match=r"a\.npy has no samples: leave it out, so that each chunk has some"):
        nn.fit(model, str(tmp_path), optimizer=nn.SGD(model.parameters(), lr=0.1), epochs=1, batch_size=5, verbose=0)

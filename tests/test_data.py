"""Data files: what is read, and what is refused before it can do harm."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine import problems, report

import autodiff
from autodiff.errors import ModelErrors, Problem, UsageError
from autodiff.limits import LIMITS, Limits

ARRAY = np.array([[1.5, -2.0, 3.0], [0.0, 4.0, 1e-3]])


def load_text(argument: str) -> str:
    return f"x = load({argument})\nL = sum(x * x)"


def refused(folder: Path, argument: str, limits: Limits = LIMITS) -> Problem:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads(load_text(argument), folder=folder, limits=limits)
    (problem,) = caught.value.problems
    assert (type(problem).__name__, problem.code) == ("LoadProblem", "load")
    assert problem.span is not None
    assert problem.span == (1, 5, 5 + len(f"load({argument})"))
    return problem


# ---- what is read


@pytest.mark.parametrize(
    "array",
    [
        ARRAY,
        ARRAY.astype(np.float32),
        ARRAY.astype(">f8"),
        np.asfortranarray(ARRAY),
        ARRAY[:, ::-1],
        ARRAY.astype(np.int16),
        ARRAY.astype(np.uint8),
        ARRAY > 1,
        np.array(2.5),
        np.arange(3),
        np.zeros((2, 0)),
        np.float16([1, 2]),
    ],
)
def test_npy(tmp_path: Path, array: Any) -> None:
    np.save(tmp_path / "x.npy", array)
    program = autodiff.loads(load_text('"x.npy"'), folder=tmp_path)
    np.testing.assert_array_equal(program["x"], array.astype(float))
    found = program.gradient(check=False).gradients["x"]
    np.testing.assert_array_equal(found.value, 2 * array.astype(float))


def test_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", a=ARRAY)
    np.savez_compressed(tmp_path / "two.npz", a=ARRAY, b=ARRAY[0])
    for argument, want in [
        ('"one.npz"', ARRAY),
        ('"one.npz", "a"', ARRAY),
        ("'two.npz', 'b'", ARRAY[0]),
    ]:
        program = autodiff.loads(load_text(argument), folder=tmp_path)
        np.testing.assert_array_equal(program["x"], want)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("1,2\r\n3,4", [[1, 2], [3, 4]]),
        ("\ufeffa,b\n1,2\n", [[1, 2]]),
        ("x\n1\n2\n", [[1], [2]]),
        ('"height, cm","w"\n1.5,2\n', [[1.5, 2]]),
        ("1e3,-2.5E-2\n\n  \n0,1\n", [[1000, -0.025], [0, 1]]),
        (" 1 , 2 \n", [[1, 2]]),
    ],
)
def test_csv(tmp_path: Path, text: str, want: list[list[float]]) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    np.testing.assert_array_equal(autodiff.loads(load_text('"t.csv"'), folder=tmp_path)["x"], want)


def test_files_are_looked_for_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data" / "x.npy", ARRAY)
    (tmp_path / "m.grad").write_text(load_text('"data/x.npy"'))
    assert autodiff.load(tmp_path / "m.grad").gradient(check=False).value == np.sum(ARRAY**2)


def test_a_loaded_array_is_a_leaf_and_load_is_a_name_like_any_other(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", ARRAY[0])
    text = 'load = 2\nx = load("x.npy") * 2\ny = load("x.npy") * load\nL = sum(x + y)'
    program = autodiff.loads(text, folder=tmp_path)
    assert program.leaves == ["load", "x"]
    found = program.gradient(check=False).gradients
    np.testing.assert_array_equal(found["x"].value, [1, 1, 1])
    assert found["load"].value == ARRAY[0].sum()


def test_the_same_file_may_be_loaded_twice(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", ARRAY[0])
    text = 'x = load("x.npy")\ny = load("x.npy")\nL = x @ y'
    found = report(text, folder=tmp_path)
    np.testing.assert_array_equal(found.gradients["x"].value, ARRAY[0])


def test_a_hash_in_a_file_name_is_no_comment(tmp_path: Path) -> None:
    np.save(tmp_path / "a#b.npy", ARRAY)
    assert report(load_text('"a#b.npy"'), folder=tmp_path).value == np.sum(ARRAY**2)


# ---- where it may be


@pytest.mark.parametrize(
    "argument",
    [
        '"/etc/passwd"',
        '"../x.npy"',
        '"data/../../x.npy"',
        '"data/.."',
        '""',
        '"."',
        '"data"',
        '"missing.npy"',
        '"x.npy/x.npy"',
        '"x.txt"',
        '"x.pkl"',
        '"x"',
        '"x.npy", "a"',
        '"~/x.npy"',
        '"http://example.com/x.npy"',
        '"file:///etc/passwd"',
        '"data\\x.npy"',
        '"x.npy\x00"',
    ],
)
def test_only_files_below_the_folder(tmp_path: Path, argument: str) -> None:
    folder = tmp_path / "models"
    (folder / "data").mkdir(parents=True)
    np.save(tmp_path / "x.npy", ARRAY)
    np.save(folder / "x.npy", ARRAY)
    (folder / "x.txt").write_text("1")
    (folder / "x.pkl").write_bytes(b"\x80\x04N.")
    refused(folder, argument)


def test_links_may_not_lead_out(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    np.save(tmp_path / "secret.npy", ARRAY)
    (folder / "link.npy").symlink_to(tmp_path / "secret.npy")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop.npy").symlink_to(folder / "loop.npy")
    refused(folder, '"link.npy"')
    refused(folder, '"up/secret.npy"')
    refused(folder, '"loop.npy"')
    np.save(folder / "own.npy", ARRAY)
    (folder / "inside.npy").symlink_to(folder / "own.npy")
    assert report(load_text('"inside.npy"'), folder=folder).value == np.sum(ARRAY**2)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.npy")
    refused(tmp_path, '"x.npy"')


def test_a_folder_and_a_device(tmp_path: Path) -> None:
    (tmp_path / "x.npy").mkdir()
    refused(tmp_path, '"x.npy"')
    (tmp_path / "z.npy").symlink_to("/dev/zero")
    refused(tmp_path, '"z.npy"')


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, ARRAY)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    refused(tmp_path, '"x.npy"')


# ---- what it may hold


def npy(header: bytes, content: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    length = len(header).to_bytes(2 if version[0] == 1 else 4, "little")
    return b"\x93NUMPY" + version + length + header + content


def pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return stream.getvalue()


def saved(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


GOOD = saved(ARRAY)

BAD_NPY = {
    "empty": b"",
    "text": b"1,2,3\n",
    "pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94.",
    "object array": pickled(),
    "complex": saved(np.array([1j])),
    "strings": saved(np.array(["a"])),
    "dates": saved(np.array(["2020-01-01"], dtype="M8[D]")),
    "records": saved(np.zeros(2, dtype=[("a", "f8")])),
    "void": saved(np.zeros(2, dtype="V8")),
    "magic only": b"\x93NUMPY",
    "unknown version": b"\x93NUMPY\x09\x00" + GOOD[8:],
    "cut in the header": GOOD[:40],
    "cut in the data": GOOD[:-1],
    "no data": GOOD[:128],
    "huge shape": npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,), }\n"),
    "huge number": npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999,)}\n"),
    "overflowing": npy(
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 2), }\n"
    ),
    "negative": npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n", b"\0" * 8),
    "two negatives": npy(
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }\n", b"\0" * 8
    ),
    "not a shape": npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': 'x', }\n"),
    "code": npy(b"{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': ()}\n"),
    "missing keys": npy(b"{}\n"),
    "not a dict": npy(b"[]\n"),
    "nested": npy(b"(" * 5000 + b"\n"),
    "long header": npy(b" " * 60000 + b"{}\n"),
    "binary header": npy(b"\xff\xfe\x00\x01\n"),
    "dtype with a shape": npy(
        b"{'descr': ('<f8', (1000, 1000, 1000)), 'fortran_order': False, 'shape': (2,), }\n"
    ),
    "too many dimensions": npy(
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"1," * 100 + b")}\n", b"\0" * 8
    ),
    "a version 2 header bomb": npy(b"", version=b"\x02\x00")[:8] + b"\xff\xff\xff\x7f",
}


@pytest.mark.parametrize("name", BAD_NPY)
def test_bad_npy(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.npy").write_bytes(BAD_NPY[name])
    refused(tmp_path, '"x.npy"')


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def test_bad_npz(tmp_path: Path) -> None:
    good = zipped(a=GOOD)
    cases = {
        "empty": b"",
        "not a zip": b"PK\x03\x04" + b"\0" * 40,
        "text": b"hello",
        "cut": good[:-30],
        "damaged": good[:60] + bytes(b ^ 0xFF for b in good[60:70]) + good[70:],
        "object array": zipped(a=pickled()),
        "no arrays": zipped(),
        "two and no name": zipped(a=GOOD, b=GOOD),
        "a member that is no array": zipped(a=b"hello"),
    }
    for name, content in cases.items():
        (tmp_path / "x.npz").write_bytes(content)
        assert refused(tmp_path, '"x.npz"'), name
    (tmp_path / "x.npz").write_bytes(zipped(a=GOOD, b=GOOD))
    assert "a, b" in refused(tmp_path, '"x.npz", "c"').hint


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(zipped(a=saved(np.zeros(1_000_000))))
    assert (tmp_path / "x.npz").stat().st_size < 100_000
    assert "data=N" in refused(tmp_path, '"x.npz"', Limits(data=100_000)).hint


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", ARRAY)
    assert "data=N" in refused(tmp_path, '"x.npy"', Limits(data=100)).hint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"a,b\n",
        b"1,2\n3\n",
        b"1,2\n3,x\n",
        b"a,b\nc,d\n1,2\n",
        b"1,2\n3,\n",
        b"\xff\xfe1,2",
        b"1;2\n3;4\n",
        b"1,2\x00\n",
        b"1_000,2\n",
        b'"1,2\n',
        b"1,2\n3,1j\n",
    ],
)
def test_bad_csv(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    refused(tmp_path, '"x.csv"')


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.npy", saved(np.array([1.0, np.nan]))),
        ("x.npy", saved(np.array([1.0, np.inf]))),
        ("x.csv", b"1,nan\n"),
        ("x.csv", b"1,inf\n"),
        ("x.csv", b"1,1e999\n"),
    ],
)
def test_a_leaf_from_a_file_is_finite_too(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (found,) = problems(load_text(f'"{name}"'), folder=tmp_path)
    assert found[:2] == ("LeafProblem", "leaf")


# ---- --values


def given(path: Path) -> dict[str, Any]:
    text = "L = sum(W * 2) + x"
    found = autodiff.loads(text, values=path).gradient(check=False)
    return {"value": found.value, "leaves": sorted(found.gradients)}


def test_values_from_json_and_npz(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(json.dumps({"x": 1.5, "W": [[1, 2], [3, 4]]}))
    np.savez(tmp_path / "v.npz", x=1.5, W=np.array([[1, 2], [3, 4]]))
    for name in ("v.json", "v.npz"):
        assert given(tmp_path / name) == {"value": 21.5, "leaves": ["W", "x"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.json", b""),
        ("v.json", b"{"),
        ("v.json", b"[1, 2]"),
        ("v.json", b"3"),
        ("v.json", b'{"x": "1"}'),
        ("v.json", b'{"x": null}'),
        ("v.json", b'{"x": true}'),
        ("v.json", b'{"x": {}}'),
        ("v.json", b'{"x": [1, [2, 3]]}'),
        ("v.json", b'{"x": ["a"]}'),
        ("v.json", b'{"x": []}'),
        ("v.json", b'{"x": 1' + b"0" * 400 + b"}"),
        ("v.json", b'{"x": ' + b"[" * 100_000 + b"}"),
        ("v.json", b'{"x": ' + b"[" * 500 + b"1" + b"]" * 500 + b"}"),
        ("v.json", b"\xff\xfe{"),
        ("v.npz", b"hello"),
        ("v.npz", zipped(x=pickled())),
        ("v.yaml", b"x: 1"),
        ("v.npy", GOOD),
    ],
)
def test_bad_values(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError):
        autodiff.loads("L = x", values=tmp_path / name)


@pytest.mark.parametrize(
    "content", [b'{"x": NaN}', b'{"x": Infinity}', b'{"x": 1e999}', b'{"x": [NaN]}']
)
def test_values_that_are_not_finite(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.json").write_bytes(content)
    assert [code for _, code, _ in problems("L = sum(x)", values=tmp_path / "v.json")] == ["leaf"]


def test_values_that_are_not_there(tmp_path: Path) -> None:
    for name in ("missing.json", ""):
        with pytest.raises(UsageError):
            autodiff.loads("L = x", values=tmp_path / name)


# ---- the model itself


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"x = 1\nL = \xff", (2, 5, 6)),
        (b"\xff\xfex\x00", (1, 1, 2)),
        ("α = 1\nβ".encode() + b"\xe9 = 2", (2, 2, 3)),
    ],
)
def test_a_model_is_utf_8(tmp_path: Path, content: bytes, place: tuple[int, int, int]) -> None:
    (tmp_path / "m.grad").write_bytes(content)
    with pytest.raises(ModelErrors) as caught:
        autodiff.load(tmp_path / "m.grad")
    (problem,) = caught.value.problems
    assert (problem.code, problem.span) == ("encoding", place)


def test_a_model_may_begin_with_a_mark_and_end_its_lines_as_windows_does(tmp_path: Path) -> None:
    (tmp_path / "m.grad").write_bytes("\ufeffx = 2\r\nL = x * x\r\n".encode())
    assert autodiff.load(tmp_path / "m.grad").gradient(check=False).value == 4.0


def test_models_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "missing.grad", tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ModelErrors) as caught:
            autodiff.load(path)
        assert [p.code for p in caught.value.problems] == ["load"]
    with pytest.raises(ModelErrors):
        autodiff.load("a\0b")


def test_a_model_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.grad").write_text("x = 2\nL = x")
    with pytest.raises(ModelErrors):
        autodiff.load(tmp_path / "m.grad", limits=Limits(file=5))
    # Nor is standard input cut where the limit is: the rest might have changed the output.
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x = 2\nL = x")))
    with pytest.raises(ModelErrors):
        autodiff.load("-", limits=Limits(file=5))

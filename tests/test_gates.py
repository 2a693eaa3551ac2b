"""The size gate sees what it should see."""

from pathlib import Path

from tests.gates import problems


def test_a_long_file_and_a_long_function_are_named(tmp_path: Path) -> None:
    source = tmp_path / "long.py"
    source.write_text("def f() -> None:\n" + "    print(1)\n" * 400)

    long_file, long_function = problems(source)

    assert "401 lines" in long_file
    assert "long.py:1: f has 401 lines" in long_function


def test_small_things_pass(tmp_path: Path) -> None:
    source = tmp_path / "small.py"
    source.write_text("def f() -> None:\n    print(1)\n")

    assert list(problems(source)) == []

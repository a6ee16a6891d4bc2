"""The names that a program takes from `drumsmith` itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import drumsmith

SCRIPT = """
from pathlib import Path

import drumsmith


def kicks(folder: Path) -> list[Path]:
    with drumsmith.LocalModel() as model:
        sounds = model.generate("kick", n=2, seed=1)
    louder: drumsmith.Sounds = sounds
    return louder.save(folder)


def snares(target: str) -> tuple[int, ...]:
    with drumsmith.Client(target) as client:
        return client.generate("snare").seeds


def learn(collection: Path, records: Path, run: Path, models: Path) -> Path:
    drumsmith.prepare(collection, records, drumsmith.PrepareOptions(overwrite=True))
    drumsmith.train(drumsmith.preset("small-fast"), records, run)
    version = drumsmith.export(run, models)
    with drumsmith.LocalModel(models) as model:
        drumsmith.write_report(drumsmith.evaluate(model, records), models / "report")
    return version
"""


@pytest.fixture(scope="module")
def check_types(tmp_path_factory):
    """Run `mypy --strict` over a script, as in an environment where drumsmith is installed."""
    folder = tmp_path_factory.mktemp("types")
    # The checkout may have any name.
    (folder / "drumsmith").symlink_to(Path(drumsmith.__file__).parent)

    def check(script):
        (folder / "script.py").write_text(script)
        # What a package is made of is silent where it is installed, as here.
        command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
        return subprocess.run(
            [*command, "--config-file=", "--cache-dir=cache", "script.py"],
            cwd=folder,
            env=os.environ | {"MYPYPATH": str(folder), "MYPY_FORCE_COLOR": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    return check


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, drumsmith\n"
        "print(sorted({'tensorflow', 'keras', 'numpy', 'grpc', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_client_is_there_without_tensorflow():
    code = "import sys, drumsmith\ndrumsmith.Client\nprint('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", drumsmith.__all__)
def test_every_public_name_is_there_and_listed(name):
    assert getattr(drumsmith, name) is not None
    assert name in dir(drumsmith)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'drumsmith' has no attribute 'Clinet'"):
        _ = drumsmith.Clinet


@pytest.mark.slow
def test_a_users_script_passes_strict_type_checks(check_types):
    done = check_types(SCRIPT)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_a_users_mistake_is_seen_by_the_type_checker(check_types):
    done = check_types("import drumsmith\n\ndrumsmith.Clinet\ndrumsmith.LocalModel(seed=1)\n")
    assert '"Clinet"' in done.stdout
    assert '"seed"' in done.stdout


def test_it_is_a_typed_package():
    assert (Path(drumsmith.__file__).parent / "py.typed").is_file()


def test_python_dash_m_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "drumsmith", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"drumsmith {drumsmith.__version__}\n"

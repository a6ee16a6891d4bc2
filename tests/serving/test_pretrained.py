"""The pretrained model: what is in it, that it is always installed, the tool that packs it."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.evaluation.metrics.descriptors import spectral_centroid
from drumsmith.serving import pretrained as pretrained
from drumsmith.serving.client.client import Client
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.serving.saved_model.versions import list_versions
from drumsmith.tools import pack_pretrained

from ..helpers.few_draws import few_draws
from ..helpers.made_once import made_once
from ..helpers.random_records import write_records
from ..helpers.tiny_export import export_tiny

ROOT = Path(__file__).parents[2]
TERMS = "MuldjordKit: Lars Muldjord, CC-BY-4.0\n"


def test_the_pretrained_model_is_one_version_and_its_papers_in_25_mb():
    assert len(list_versions(pretrained.pretrained_models())) == 1
    assert pretrained.model_card().is_file()
    assert (pretrained.folder() / pretrained.ATTRIBUTION).is_file()
    assert (
        sum(p.stat().st_size for p in pretrained.folder().rglob("*") if p.is_file()) <= 25_000_000
    )


@pytest.fixture(scope="module")
def model():
    with LocalModel(pretrained.pretrained_models()) as opened:
        yield opened


def test_the_card_is_about_the_model_beside_it(model):
    text = pretrained.model_card().read_text()
    assert f"`{model.model_id}`" in text
    assert all(f"**{label}**" in text for label in model.labels)


def test_a_pretrained_kick_is_darker_than_a_snare_and_a_snare_than_a_cymbal(model):
    assert (model.length, model.sample_rate) == (16384, 44100)
    centroids = []
    for label in ("kick", "snare", "cymbal"):
        audio = model.seeded(range(16), [model.labels.index(label)] * 16)
        centroids.append(spectral_centroid(audio, model.sample_rate).mean())
    assert centroids == sorted(centroids)


def test_a_pretrained_closed_hat_ends_before_open_ones_and_rides(model):
    ends = []
    for label in ("closed_hat", "open_hat", "ride"):
        power = np.square(model.seeded(range(16), [model.labels.index(label)] * 16))
        lasting = np.sum(power * np.arange(model.length), axis=1) / np.sum(power, axis=1)
        ends.append(np.median(lasting))
    assert ends[0] < min(ends[1:]) / 2


# Loading and warming up the large one takes ten seconds, and shows nothing more.
SERVE_A_SMALL_ONE = """
import sys
from pathlib import Path
from drumsmith.cli.main import main
from drumsmith.serving import pretrained

pretrained.folder = lambda: Path(sys.argv[1])
sys.exit(main(["serve", "--port", "0"]))
"""


def test_serve_takes_the_pretrained_model_where_none_is_named(tmp_path):
    version = export_tiny(tmp_path / pretrained.MODELS, warm_up=True)
    command = [sys.executable, "-c", SERVE_A_SMALL_ONE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("serving drums version ")
            with Client(line.split()[-1]) as client:
                assert client.describe().model_id == Description.read(version).model_id
        finally:
            process.terminate()


@pytest.mark.slow
def test_wheel_and_sdist_bring_the_pretrained_model(tmp_path):
    tree = tmp_path / "drumsmith"
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in tracked:
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    # Stands in for a model, so that the packaging is tested whatever is in the package.
    stand_in = (
        tree
        / "serving"
        / "pretrained"
        / pretrained.MODELS
        / "999"
        / "variables"
        / "variables.data-0"
    )
    stand_in.parent.mkdir(parents=True)
    stand_in.write_bytes(b"weights")
    (tree / "serving" / "pretrained" / pretrained.CARD).write_text("card")
    build = "from setuptools import build_meta as b; b.build_wheel('out'); b.build_sdist('out')"
    subprocess.run([sys.executable, "-c", build], cwd=tree, capture_output=True, check=True)
    (wheel,) = (tree / "out").glob("*.whl")
    (sdist,) = (tree / "out").glob("*.tar.gz")
    in_wheel = zipfile.ZipFile(wheel).namelist()
    with tarfile.open(sdist) as file:
        in_sdist = file.getnames()
    for name in ("models/999/variables/variables.data-0", pretrained.CARD, "__init__.py"):
        assert f"drumsmith/serving/pretrained/{name}" in in_wheel
        assert any(found.endswith(f"/serving/pretrained/{name}") for found in in_sdist)


@pytest.fixture(scope="module")
def trained(short_run, tmp_path_factory):
    """A folder with records, a run of two steps, its export, its report and its terms."""

    def make(folder):
        shutil.copytree(short_run, folder, dirs_exist_ok=True)
        assert main(["export", str(folder / "run"), str(folder / "models")]) == 0
        report = ["--out", str(folder / "report"), "--count", "8"]
        with few_draws():
            assert main(["evaluate", str(folder / "models"), str(folder / "records"), *report]) == 0
        (folder / "ATTRIBUTION.md").write_text(TERMS)

    return made_once(tmp_path_factory, "trained", make)


def _pack(trained, packed, *options, report="report"):
    """Call the tool; return its exit code and what it complained of."""
    made_of = (trained / "run", trained / "records", trained / report)
    terms = ("--attribution", trained / "ATTRIBUTION.md")
    with contextlib.redirect_stderr(io.StringIO()) as complaint:
        code = pack_pretrained.main(
            [str(word) for word in (*made_of, *terms, "--pretrained", packed, *options)]
        )
    return code, complaint.getvalue()


@pytest.fixture(scope="module")
def packed(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed") / "packed"
    assert _pack(trained, folder, "--commit", "abc123") == (0, "")
    return folder


@pytest.fixture
def report(trained):
    return json.loads((trained / "report" / "report.json").read_text())


def test_a_run_packs_the_model_that_was_judged(packed, report):
    with LocalModel(packed / pretrained.MODELS) as model:
        assert (model.version, model.model_id) == (1, report["facts"]["model"])
    assert (packed / pretrained.ATTRIBUTION).read_text() == TERMS


def test_the_card_says_what_was_measured_and_how_it_was_made(packed, report):
    text = (packed / pretrained.CARD).read_text()
    accuracy = report["figures"]["kick"]["accuracy"]
    assert f"{accuracy['value']:.2f} / {accuracy['control']:.2f}" in text
    for expected in (
        f"model | `{report['facts']['model']}`",
        "2 steps",
        "| kick | 12 | 6 |",
        "At commit `abc123`",
        "drumsmith train RECORDS RUN --preset tiny --set latent_dim=6",
        "drumsmith evaluate MODELS RECORDS --out REPORT --count=8 --seed=0 --part=valid",
    ):
        assert expected in text
    assert "$" not in text


def test_every_target_of_the_report_is_in_the_card(packed, report):
    text = (packed / pretrained.CARD).read_text()
    titles = [m["title"] for m in report["metrics"].values() if m["target"]]
    assert len(titles) > 10
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for title in titles:
        assert any(row.startswith(f"| {title} | at ") for row in rows)
    # The low end is asked of kicks alone.
    (low,) = (row for row in rows if row.startswith("| Frechet distance, under 300 Hz | at "))
    cells = [cell.strip() for cell in low.split("|")[3:-1]]
    assert [bool(cell) for cell in cells] == [label == "kick" for label in report["labels"]]


def test_a_second_model_takes_the_next_number_and_the_first_goes(trained, tmp_path):
    again = tmp_path / "packed"
    for number in (1, 2):
        assert _pack(trained, again)[0] == 0
        assert list(list_versions(again / pretrained.MODELS)) == [number]
    assert "version 2 of the pretrained model" in (again / pretrained.CARD).read_text()


def test_the_card_alone_is_written_with_other_words_about_its_making(trained, packed, tmp_path):
    packed = shutil.copytree(packed, tmp_path / "packed")
    model = packed / pretrained.MODELS / "1" / "saved_model.pb"
    before = model.stat().st_mtime_ns
    words = ("--command", "first this", "--command", "then that")
    assert _pack(trained, packed, "--card-only", *words) == (0, "")
    assert "```sh\nfirst this\nthen that\n```" in (packed / pretrained.CARD).read_text()
    assert model.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"facts": {"model": "other", "count": 8, "seed": 0}}, "the report is about model other"),
        (
            {
                "records": {
                    **{"name": "else", "digest": "", "part": "valid"},
                    **{"train": {}, "held_out": {}},
                }
            },
            "the report was made against other records (else)",
        ),
    ],
    ids=["model", "records"],
)
def test_a_report_of_something_else_is_refused(trained, report, tmp_path, change, words):
    other = tmp_path / "report.json"
    other.write_text(json.dumps(report | change))
    code, complaint = _pack(trained, tmp_path / "packed", report=other)
    assert code == 2
    assert complaint.startswith(f"pack_pretrained: {words}")
    assert not (tmp_path / "packed").exists()


def test_a_report_against_sounds_that_were_trained_on_is_refused(trained, tmp_path):
    # Every sound of these records has one sha256, so that validation holds training sounds.
    others = write_records(tmp_path / "records", length=2048)
    code, complaint = _pack(trained, tmp_path / "packed", "--evaluated-on", others)
    assert code == 2
    assert "18 of the report's validation sounds were trained on" in complaint

import base64
import io
import json
import re

import numpy as np
import pytest
import soundfile

from drumsmith.cli.main import main
from drumsmith.serving.saved_model.local_model import LocalModel

from ...helpers.random_records import write_records
from ...helpers.tiny_export import LABELS, LENGTH, export_tiny

REPORT = {
    "records": {"digest": ""},
    "metrics": {
        "peak": {
            "title": "Peak",
            "unit": "dB",
            "digits": 1,
            "target": {"limit": 3.0, "of": "value", "met": "quiet", "missed": "loud"},
        }
    },
    "figures": {
        "kick": {"peak": {"value": 2.0, "low": 1.0, "high": 3.0, "target_met": True}},
        "snare": {"peak": {"value": 4.5, "low": 4.0, "high": 5.0, "target_met": False}},
    },
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    export_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def page(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    records = write_records(folder / "records", length=LENGTH)
    (folder / "report.json").write_text(json.dumps(REPORT))
    given = ["--records", str(records), "--report", str(folder)]
    command = ["examples", str(models), *given, "--count", "3", "--seed", "7"]
    out = folder / "page.html"
    assert main([*command, "--out", str(out), "--note", "real sounds: <CC0>"]) == 0
    return out.read_text()


def _sounds(page):
    for content in re.findall(r'src="data:audio/flac;base64,([^"]+)"', page):
        yield soundfile.read(io.BytesIO(base64.b64decode(content)))


def test_each_class_has_generated_and_real_sounds_and_a_path(page):
    assert re.findall("<h2>(.+)</h2>", page) == [*LABELS, "Targets"]
    assert len(list(_sounds(page))) == len(LABELS) * (3 + 3 + 6)


def test_a_sound_on_the_page_is_the_one_that_its_seed_makes(page, models):
    sound, rate = next(_sounds(page))
    with LocalModel(models) as model:
        made = model.generate(LABELS[0], seed=7)
    assert "seed 7" in page
    assert rate == made.sample_rate
    np.testing.assert_allclose(sound, made.audio[0], atol=2 / 32768)


def test_the_page_needs_nothing_but_itself_and_escapes_what_it_is_told(page):
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "real sounds: &lt;CC0&gt;" in page


def test_targets_of_a_report_are_shown_met_or_missed(page):
    assert "<th>Peak</th><td>at most 3 dB</td>" in page
    assert '<td class="met">2.0 dB</td><td class="missed">4.5 dB</td><td></td>' in page


def test_too_few_sounds_are_refused(models, tmp_path, capsys):
    command = ["examples", str(models), "--out", str(tmp_path / "page.html"), "--count", "1"]
    assert main(command) == 2
    assert capsys.readouterr().err == "drumsmith: --count must be at least 2, but is 1\n"


def test_records_without_held_out_sounds_are_refused(models, tmp_path, capsys):
    records = write_records(tmp_path / "records", length=LENGTH, valid=0)
    command = ["examples", str(models), "--out", str(tmp_path / "page.html")]
    assert main([*command, "--records", str(records)]) == 2
    assert "has no such sounds" in capsys.readouterr().err

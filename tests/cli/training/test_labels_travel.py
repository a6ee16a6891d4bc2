import json

import numpy as np
import soundfile

from drumsmith.cli.main import main
from drumsmith.tfrecords.collection.synthesis import synthesise

from ...helpers.random_records import SMALLEST

RULES = "rim = RS*, knock\nclap = handclap, CP*\n"


def test_labels_of_ones_own_and_their_rules_reach_the_exported_model(tmp_path, capsys):
    """From a file of rules to a model that says its labels and what gave them."""
    pack = tmp_path / "Vintage Pack"
    pack.mkdir()
    for number in range(8):
        name = ("RS", "knock", "CP", "HandClap")[number % 4]
        audio = synthesise(("kick", "snare")[number % 2], number, seed=2)
        soundfile.write(pack / f"{name} {number}.wav", audio.astype(np.float32), 44100)
    (tmp_path / "labels.txt").write_text("only\n" + RULES)
    records, run, models = (str(tmp_path / name) for name in ("records", "run", "models"))
    rules = ["--labels", str(tmp_path / "labels.txt"), "--length", "1024"]
    assert main(["prepare", str(tmp_path / "Vintage Pack"), records, *rules]) == 0
    assert main(["train", records, run, *SMALLEST]) == 0
    assert main(["export", run, models]) == 0
    capsys.readouterr()
    assert main(["models", models, "--json"]) == 0
    model = json.loads(capsys.readouterr().out)["versions"][0]
    assert model["labels"] == ["clap", "rim"]
    assert model["preparation"]["label_rules"] == [
        {"rim": ["RS*", "knock"], "clap": ["handclap", "CP*"]}
    ]

"""The page in a real browser: it plays, and what is struck out there stays out of the next run."""

import html
import json
import subprocess

import pytest
import soundfile

from drumsmith.tfrecords.collection.exclusion import read_exclusions, usual_file
from drumsmith.tfrecords.collection.synthesis import synthesise, synthesise_collection
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.page import write_page
from drumsmith.tfrecords.preparing.prepare import prepare

from ...helpers.browser import CHROMIUM, FLAGS

# Plays the first sound, strikes out two, saves; the title tells what came of it.
PROBE = """
<script>
  const problems = [];
  addEventListener('error', (event) => problems.push(event.message), true);
  // At once, so that nothing depends on how fast the machine is.
  addEventListener('load', () => {
    const sounds = [...document.querySelectorAll('li.sound')];
    const play = sounds[0].querySelector('.play');
    const odd = sounds.find((sound) => sound.dataset.path.includes('<b>'));
    play.click();
    odd.querySelector('input').click();
    sounds.find((sound) => sound !== odd).querySelector('input').click();
    let text = '';
    window.Blob = class { constructor(parts) { text = parts.join(''); } };
    URL.createObjectURL = () => 'data:,';
    HTMLAnchorElement.prototype.click = () => {};
    document.getElementById('save').click();
    const count = document.getElementById('count').textContent;
    const pressed = play.getAttribute('aria-pressed'), plays = !player.paused;
    document.title = JSON.stringify({problems, pressed, plays, count, text});
  });
</script>
"""


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_it_plays_and_what_is_struck_out_stays_out(tmp_path):
    root, records = tmp_path / "c", tmp_path / "records"
    synthesise_collection(root, counts={"kick": 7, "cymbal": 7}, seed=1)
    wrong = "kick/gro\udcdf <b>&.wav"
    soundfile.write(root / "odd.wav", synthesise("cymbal", 50, seed=1), 44100)
    (root / "odd.wav").rename(root / wrong)
    before = frozenset(["kick/kick-0003.wav"])
    prepare(root, records, Options(excluded=before))
    write_page(tmp_path / "page.html", records)
    page = (tmp_path / "page.html").read_text("utf-8").replace("</head>", PROBE + "</head>")
    (tmp_path / "page.html").write_text(page, "utf-8")
    command = [
        CHROMIUM,
        *FLAGS,
        "--window-size=390,800",
        f"--user-data-dir={tmp_path}/profile",
        "--dump-dom",
    ]
    answer = subprocess.run(
        [*command, (tmp_path / "page.html").as_uri()], capture_output=True, timeout=300, check=True
    )
    title = answer.stdout.decode().split("<title>")[1].split("</title>")[0]
    said = json.loads(html.unescape(title))
    assert said["problems"] == []
    assert said["pressed"] == "true"
    assert said["plays"] is True
    assert said["count"] == "2 struck out"
    usual_file(records).write_text(said["text"], "utf-8")
    excluded = read_exclusions(usual_file(records))
    assert len(excluded) == 3
    info = prepare(root, records, Options(excluded=excluded))
    struck = {item.path for item in info.skipped if item.reason.startswith("is struck out")}
    assert {wrong, *before} < struck
    assert len(struck) == 3

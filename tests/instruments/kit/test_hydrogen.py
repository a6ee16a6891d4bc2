import os
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from drumsmith.instruments.kit.hydrogen import NAMESPACE

from ...helpers.noise_kit import LENGTH, RATE, TURNS, closest

pytestmark = pytest.mark.skipif(
    not shutil.which("h2cli"),
    reason="Hydrogen is not installed; on Debian: apt-get install hydrogen",
)

BPM = 120
# Ticks, 48 a beat: half a second apart.
HITS = ((0, 0, 1.0), (48, 0, 1.0), (96, 0, 1.0), (144, 0, 0.3), (192, 2, 1.0), (240, 0, 1.0))


@pytest.fixture(scope="module")
def hydrogen(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home)}

    def run(*words):
        return subprocess.run(
            ["h2cli", *map(str, words)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.mark.parametrize("ending", ["", ".h2drumkit"])
def test_hydrogen_accepts_the_kit(hydrogen, folder, ending):
    done = hydrogen("-c", f"{folder}{ending}")
    assert done.returncode == 0
    assert "is valid" in done.stdout + done.stderr


def _song(folder, path):
    """Write a song of two bars that plays `HITS` with the kit's instruments."""
    text = (folder / "drumkit.xml").read_text().replace(f'xmlns="{NAMESPACE}"', "")
    instruments = ElementTree.fromstring(text).find("instrumentList")
    for instrument in instruments:
        for tag, value in (("drumkit", str(folder)), ("drumkitLookup", "1")):
            ElementTree.SubElement(instrument, tag).text = value
        for name in instrument.iter("filename"):
            name.text = str(folder / name.text)
    notes = "".join(
        f"<note><position>{tick}</position><leadlag>0</leadlag><velocity>{velocity}</velocity>"
        "<pan>0</pan><pitch>0</pitch><probability>1</probability><key>C0</key>"
        f"<length>-1</length><instrument>{number}</instrument><note_off>false</note_off></note>"
        for tick, number, velocity in HITS
    )
    path.write_text(
        f"<song><version>1.2.0</version><bpm>{BPM}</bpm><volume>1</volume><name>hits</name>"
        "<author/><notes/><license/><loopEnabled>false</loopEnabled><mode>song</mode>"
        "<humanize_time>0</humanize_time><humanize_velocity>0</humanize_velocity>"
        "<swing_factor>0</swing_factor>"
        "<componentList><drumkitComponent><id>0</id><name>Main</name><volume>1</volume>"
        "</drumkitComponent></componentList>"
        f"{ElementTree.tostring(instruments, encoding='unicode')}"
        "<patternList><pattern><name>a</name><category/><size>384</size>"
        f"<denominator>4</denominator><noteList>{notes}</noteList></pattern></patternList>"
        "<virtualPatternList/><patternSequence><group><patternID>a</patternID></group>"
        "</patternSequence><ladspa/><BPMTimeLine/><timeLineTag/></song>"
    )
    return path


def test_a_song_plays_the_kits_sounds_in_turn(hydrogen, kit, folder, tmp_path):
    song, out = _song(folder, tmp_path / "hits.h2song"), tmp_path / "out.wav"
    done = hydrogen("-s", song, "-o", out, "-r", RATE, "-b", 16)
    assert out.exists(), done.stdout + done.stderr
    audio = soundfile.read(out, always_2d=True)[0][:, 0]
    start = np.flatnonzero(np.abs(audio) > 1e-3)[0]
    turns = []
    for tick, number, velocity in HITS:
        at = start + round(tick / 48 * 60 / BPM * RATE)
        layer = kit.pads[number].layers[velocity > 0.5]
        turn, correlation = closest(audio[at : at + LENGTH], layer.sounds)
        assert correlation > 0.95, (tick, correlation)
        if (number, velocity) == (0, 1.0):
            turns.append(turn)
    assert sorted(turns[:TURNS]) == list(range(TURNS))
    assert turns[TURNS] == turns[0]

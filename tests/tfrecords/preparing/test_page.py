import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import soundfile

from drumsmith.tfrecords.collection.synthesis import synthesise, synthesise_collection
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.page import outline, write_page
from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.tfrecords.preparing.previous import read_previous


class Page(HTMLParser):
    """The sounds of a page, in order, and what refers to other files."""

    def __init__(self, text):
        super().__init__()
        self.paths, self.audio, self.links = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("class") == "sound":
            self.paths.append(values["data-path"])
        if "data-audio" in values:
            self.audio.append(values["data-audio"])
        self.links += [values[name] for name in ("src", "href") if name in values]


def test_a_page_plays_every_sound_the_doubtful_ones_first(tmp_path):
    root = tmp_path / "Sounds"
    synthesise_collection(root, counts={"kick": 8, "cymbal": 8}, seed=1)
    soundfile.write(root / "kick" / "a<b>&.wav", synthesise("cymbal", 50, seed=1), 44100)
    soundfile.write(
        root / "kick" / "z.wav", np.clip(9 * synthesise("kick", 51, seed=1), -1, 1), 44100
    )
    struck = frozenset(["kick/kick-0003.wav"])
    info = prepare(root, tmp_path / "records", Options(excluded=struck))
    line = write_page(tmp_path / "page.html", tmp_path / "records")
    assert line.endswith("17 of 17 sounds to listen to")
    text = (tmp_path / "page.html").read_text("utf-8")
    page = Page(text)
    assert sorted(page.paths) == sorted(source.path for source in info.sources)
    assert set(page.paths[:2]) == {"kick/a<b>&.wav", "kick/z.wav"}
    assert "sounds more like cymbal" in text
    assert not page.links
    # Sounds that were struck out before stay so.
    assert re.search(r'const before = \["kick/kick-0003\.wav"\]', text)
    pcm, rate = soundfile.read(io.BytesIO(base64.b64decode(page.audio[0])), dtype="int16")
    stored = dict(read_previous(tmp_path / "records", info, {page.paths[0]}))
    assert rate == 44100
    np.testing.assert_array_equal(pcm, np.frombuffer(stored[page.paths[0]], np.int16))


def test_an_outline_goes_round_the_extremes():
    pcm = np.zeros(1200, np.int16)
    pcm[600] = 32767
    path = outline(pcm)
    assert path.startswith("M0 -1L1 -1")
    assert "L60 -100L" in path
    assert path.endswith("0 1Z")

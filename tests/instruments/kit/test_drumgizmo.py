import shutil
import subprocess

import mido
import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve

from ...helpers.noise_kit import LENGTH, RATE

pytestmark = pytest.mark.skipif(
    not (shutil.which("drumgizmo") and shutil.which("dgvalidator")),
    reason="DrumGizmo is not installed; on Debian: apt-get install drumgizmo",
)

HITS = ((36, 127), (36, 30), (42, 127), (46, 40), (36, 127), (36, 127))
APART_S = 0.6


def _midi(path, hits):
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    for number, (note, velocity) in enumerate(hits):
        # 480 ticks a beat of half a second. DrumGizmo is late in starting, hence the first wait.
        wait = round(960 * APART_S) if number else 480
        track.append(mido.Message("note_on", channel=9, note=note, velocity=velocity, time=wait))
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(track)
    file.save(path)
    return path


def _play(folder, midi, out, seconds):
    words = [
        "drumgizmo",
        "-i",
        "midifile",
        "-I",
        f"file={midi},midimap={folder}/drumgizmo/midimap.xml",
    ]
    words += ["-o", "wavfile", "-O", f"file={out},srate={RATE}", "-e", str(round(seconds * RATE))]
    done = subprocess.run(
        [*words, f"{folder}/drumgizmo/noises.xml"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    (written,) = out.parent.glob(f"{out.name}*.wav")
    return soundfile.read(written)[0]


def test_the_validator_finds_no_fault(folder):
    kit = folder / "drumgizmo" / "noises.xml"
    done = subprocess.run(["dgvalidator", kit], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_midi_file_plays_each_pads_sounds_by_velocity(kit, folder, tmp_path):
    midi = _midi(tmp_path / "hits.mid", HITS)
    audio = _play(folder, midi, tmp_path / "out", 8)
    played = sorted(
        (at, pad.pad.note, number)
        for pad in kit.pads
        for number, layer in enumerate(pad.layers)
        for sound in layer.sounds
        for at in _places(audio, sound.audio)
    )
    # Which of a layer's sounds comes, and when, is up to DrumGizmo: its clock for files is loose.
    assert [(note, layer) for _, note, layer in played] == [
        (note, int(velocity > 64)) for note, velocity in HITS
    ]


def _places(audio, sound):
    """Return where the whole sound is in the audio, as it is."""
    sound = sound[:LENGTH].astype(float)
    share = fftconvolve(audio, sound[::-1], mode="valid") / np.sum(sound**2)
    return np.flatnonzero(np.abs(share - 1) < 0.01)

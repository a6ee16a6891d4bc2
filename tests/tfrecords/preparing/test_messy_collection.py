import csv
import math
import os

import numpy as np
import scipy.signal
import soundfile

from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.tfrecords.preparing.previous import read_previous
from drumsmith.tfrecords.records.index import Index


def test_every_file_has_the_fate_that_it_deserves(messy):
    _, fate, info, records = messy
    assert len(fate) >= 60
    notes = {path: "; ".join(e.facts.notes) for path, e in Index.load(records).entries.items()}
    got = {source.path: f"+{notes[source.path]}" for source in info.sources}
    got |= {item.path: item.reason for item in info.skipped}
    assert set(got) == set(fate)
    other = {
        path: (words, got[path])
        for path, words in fate.items()
        if (got[path] != "+" if words == "" else words.strip("+") not in got[path])
        or got[path].startswith("+") != (words == "" or words.startswith("+"))
    }
    assert not other


def test_the_labels_are_those_of_the_names(messy):
    _, _, info, _ = messy
    assert info.labels == ("crash", "kick", "snare")
    assert info.preparation["label_rules"][0]["kick"][:2] == ["bd", "kick"]


def test_every_record_is_what_the_documented_steps_give(messy):
    """Independent of the package: NumPy, SciPy and soundfile alone."""
    root, _, info, records = messy
    found = dict(read_previous(records, info, {source.path for source in info.sources}))
    entries = Index.load(records).entries
    worst = {}
    for path, pcm in found.items():
        onset = entries[path].facts.onset_s
        expected = by_hand(root / path, onset)
        worst[path] = np.abs(np.frombuffer(pcm, np.int16).astype(int) - expected).max()
    assert max(worst.values()) <= 1, max(worst, key=worst.get)


def by_hand(file, onset_s):
    """The steps of preparation.py's docstring, given where the sound begins."""
    audio, rate = soundfile.read(os.fsencode(file), always_2d=True)
    begin = max(int(onset_s) - 1, 0) * rate if len(audio) > 60 * rate else 0
    audio = audio[begin:].astype(np.float32).astype(float)
    # DC: the median of the means of 50 ms, where most agree and it reaches 1 % of the peak.
    block = round(0.05 * rate)
    blocks = len(audio) // block
    share = np.abs(audio).max() * (0.01 if blocks >= 4 else 0.05)
    if blocks >= 4:
        means = audio[: blocks * block].reshape(blocks, block, -1).mean(1)
        dc = np.median(means, 0)
        dc = np.where(np.median(np.abs(means - dc), 0) <= np.abs(dc) / 4, dc, 0)
    else:
        dc = audio.mean(0)
    audio = audio - np.where(np.abs(dc) >= share, dc, 0)
    # Mono: the mean, or the loudest channel where channels cancel.
    mono, peaks = audio.mean(1), np.abs(audio).max(0)
    if np.abs(mono).max() < 0.25 * peaks.max():
        mono = audio[:, np.argmax(peaks)]
    mono = scipy.signal.lfilter(*scipy.signal.butter(2, 10, "highpass", fs=rate), mono)
    # 44.1 kHz by one long transform of the sound between silences; 22 samples before the onset.
    onset = round(onset_s * rate) - begin
    step = rate // math.gcd(rate, 44100)
    lead = -(-(22 + 4000) // (44100 * step // rate)) * step
    piece = np.pad(mono, (lead, 0))[onset : onset + lead + rate]
    if rate != 44100:
        piece = resampled(piece, rate)
    first = lead * 44100 // rate - 22
    sound = piece[first : first + 16384]
    # Half a millisecond of fade-in, twenty of fade-out, full scale, zeros.
    place = np.arange(len(sound))
    half = len(sound) / 2
    gain = np.minimum(np.minimum(place / min(22, half), place[::-1] / min(882, half)), 1)
    sound = sound * gain
    return np.round(np.pad(sound / np.abs(sound).max(), (0, 16384 - len(sound))) * 32767)


def resampled(piece, rate):
    """Keep 92 % of the lower band, taper the rest by a raised cosine."""
    step_in, step_out = rate // math.gcd(rate, 44100), 44100 // math.gcd(rate, 44100)
    periods = 2 * (len(piece) // step_in)
    bins = np.fft.rfft(piece, periods * step_in)
    hertz = np.arange(len(bins)) * rate / (periods * step_in)
    share = hertz / (min(rate, 44100) / 2)
    gain = np.where(share < 0.92, 1, 0.5 + 0.5 * np.cos(np.pi * (share - 0.92) / 0.08))
    bins = bins * np.where(share >= 1, 0, gain)
    there = np.zeros(periods * step_out // 2 + 1, complex)
    kept = min(len(there), len(bins))
    there[:kept] = bins[:kept]
    audio = np.fft.irfft(there, periods * step_out) * step_out / step_in
    return audio[: -(-len(piece) * step_out // step_in)]


def test_a_csv_in_latin_1_finds_files_of_any_unicode_form(tmp_path):
    root, names = tmp_path, ["gro\u00dfer kick.wav", "e\u0301.wav"]
    for number, name in enumerate(names):
        soundfile.write(root / name, np.sin(np.arange(9000) / (9 + number)), 44100)
    with (root / "list.csv").open("w", encoding="latin-1", newline="") as file:
        csv.writer(file).writerows([["path", "label"], [names[0], "kick"], ["\u00e9.wav", "snare"]])
    info = prepare(root / "list.csv", tmp_path / "records")
    assert info.labels == ("kick", "snare")

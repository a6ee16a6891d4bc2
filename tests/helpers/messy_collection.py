"""A collection as producers have it: more than sixty files, each with the fate that it deserves."""

import os

import numpy as np

from drumsmith.tfrecords.collection.synthesis import synthesise

from . import audio_files as files

RATE = 44100
USED = ""

# Kinds by ending, as libsndfile names them.
KINDS = {
    "8 bit.wav": ("WAV", "PCM_U8"),
    "16.wav": ("WAV", "PCM_16"),
    "24.wav": ("WAV", "PCM_24"),
    "32.wav": ("WAV", "PCM_32"),
    "float.wav": ("WAV", "FLOAT"),
    "double.wav": ("WAV", "DOUBLE"),
    "mu-law.wav": ("WAV", "ULAW"),
    "a-law.wav": ("WAV", "ALAW"),
    "extensible 16.wav": ("WAVEX", "PCM_16"),
    "extensible 24.wav": ("WAVEX", "PCM_24"),
    "extensible float.wav": ("WAVEX", "FLOAT"),
    "large.rf64": ("RF64", "PCM_16"),
    "16.aiff": ("AIFF", "PCM_16"),
    "24.aif": ("AIFF", "PCM_24"),
    "float.aifc": ("AIFF", "FLOAT"),
    "16.flac": ("FLAC", "PCM_16"),
    "24.flac": ("FLAC", "PCM_24"),
    "vorbis.ogg": ("OGG", "VORBIS"),
    "opus.opus": ("OGG", "OPUS"),
    "layer 3.mp3": ("MP3", "MPEG_LAYER_III"),
    "16.caf": ("CAF", "PCM_16"),
    "16.w64": ("W64", "PCM_16"),
    "16.au": ("AU", "PCM_16"),
}

RATES = (8000, 11025, 22050, 32000, 48000, 88200, 96000, 192000)


class _Drums:
    """Drums that no other file has."""

    def __init__(self):
        self.number = 0

    def __call__(self, label="kick"):
        self.number += 1
        return synthesise(label, self.number, seed=9)[:20000]


def write_messy_collection(root):
    """Write it; return path -> what its reason or note must say ("" for a plain used sound).

    A fate that begins with "+" is a note of a sound that is used.
    """
    drum, fate = _Drums(), {}

    def put(path, data, words):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        fate[path] = words

    def sound(path, audio, words=USED, kind=("WAV", "PCM_24"), rate=RATE):
        put(path, files.encoded(*kind, audio=np.asarray(audio), rate=rate), words)

    for name, kind in KINDS.items():
        rate = 48000 if kind[1] == "OPUS" else RATE
        sound(f"Formats/kick {name}", drum(), kind=kind, rate=rate)
    for rate in RATES:
        # As if it had been recorded at that rate.
        sound(f"Rates/snare {rate}.wav", drum("snare"), rate=rate)
    for channels in (2, 3, 6):
        sound(f"Rates/kick {channels} channels.wav", np.stack([drum()] * channels, 1))
    for name in (
        "Snare (hard) [1].wav",
        "sn\u00e4re bd.wav",
        "e\u0301 bd.wav",
        "\U0001f941 bd.wav",
    ):
        sound(f"Odd names/{name}", drum())
    sound("Odd names/deep/er/and deeper/BD.WAV", drum())
    sound("Odd names/no ending BD", drum())
    sound("Odd names/bd.dat", drum())
    sound("Odd names/kick that is a flac.wav", drum(), kind=("FLAC", "PCM_16"))

    quiet = np.zeros(RATE // 2)
    noise = np.random.default_rng(0).standard_normal(50000) * 10 ** (-34 / 20)
    hit = np.concatenate((quiet, drum()))
    sound("Faults/kick after hiss.wav", hit * 0.8 + noise[: len(hit)], "+had noise before the hit")
    sound("Faults/kick with dc.wav", 0.6 * drum() + 0.3, "+had a DC offset (+0.30)")
    sound("Faults/kick clipped.wav", np.clip(3 * drum(), -1, 1), "+is clipped")
    one = drum()
    sound("Faults/kick inverted.wav", np.stack((one, -one), 1), "+cancel each other")
    late = np.concatenate((np.zeros(RATE * 65), drum(), np.zeros(RATE)))
    sound("Faults/kick after a minute.flac", late, kind=("FLAC", "PCM_16"))
    whole = files.encoded("WAV", "PCM_16", audio=drum("cymbal"))
    put("Faults/crash half a download.wav", whole[: len(whole) * 3 // 4], "+is cut off or damaged")
    put("Faults/crash a breath of a download.wav", whole[:2000], "ms after it begins")
    sound("Faults/snare loop.wav", np.tile(drum("snare")[:11025], 16), "holds 16 hits")
    sound("Faults/kick twice.wav", np.tile(drum()[:15000], 2), "holds 2 hits")
    sound("Faults/kick tick.wav", drum()[:100], "ms of a drum")
    sound("Faults/kick silent.wav", np.zeros(9000), "is silent")
    sound("Faults/kick dc only.wav", np.full(9000, 0.4), "is silent but for DC")
    nan = drum()
    nan[99] = np.nan
    sound("Faults/kick nan.wav", nan, "NaN", kind=("WAV", "FLOAT"))
    put("Faults/kick empty.wav", b"", "is an empty file")
    put("Faults/kick text.wav", b"dear diary\n" * 99, "is not readable as audio")
    put("Faults/kick.m4a", bytes(4) + b"ftypM4A " + bytes(99), "holds AAC audio, which is not read")
    put("Faults/project.als", b"\x1f\x8b" + bytes(99), "is not audio")
    put("Faults/kick.asd", b"notes of a sequencer", "is not audio")

    original = drum()
    sound("Copies/kick a.wav", original)
    sound("Copies/kick b quieter.wav", 0.3 * original, "same sound as Copies/kick a.wav")
    sound("Copies/kick c inverted.wav", -original, "same sound as Copies/kick a.wav")
    sound("Copies/kick d later.wav", np.concatenate((quiet, original)), "same sound as")
    mp3 = ("MP3", "MPEG_LAYER_III")
    sound("Copies/kick e coded.mp3", original, "same sound as", kind=mp3)
    sound("Copies/snare f.wav", original, "same sound as Copies/kick a.wav, which lies under kick")
    sound("Unsorted/thing.wav", drum(), "is unlabelled: no rule knows its name")
    sound("Unsorted/kick snare.wav", drum(), "is unlabelled: 'kick snare' says kick and snare")
    coded = files.encoded(*mp3, audio=drum("cymbal"))
    put("Faults/crash half a download.mp3", coded[: len(coded) * 3 // 4], "+is cut off or damaged")
    sound("Struck/kick ugly.wav", drum(), "is struck out")
    sound("Odd names/gro\udcdf bd.wav", drum())  # as a Latin-1 disk has it
    os.symlink(root / "Copies", root / "Copies" / "again")
    fate["Copies/again"] = "is a link to a folder that is read already"
    return fate

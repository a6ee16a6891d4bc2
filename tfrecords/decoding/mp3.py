"""Whether an MP3 ends before its end, which decoders pass over in silence.

    [ID3v2 tag] [frame: header, "Xing" or "Info", frames and bytes in all] frame frame ... [tags]

Most encoders write how many bytes there must be into a first frame without sound. Without that, a
file that ends inside a frame was cut off; one that was cut between two frames cannot be told.

Reference: ISO/IEC 11172-3, 2.4.1 and 2.4.2; 13818-3 for the lower rates.
"""

from typing import BinaryIO

# kbit/s by the header's index, of layer III; 0 is free, which nobody writes.
_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_LOWER = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = (44100, 48000, 32000)
_MPEG_1, _MPEG_2, _MPEG_2_5 = 3, 2, 0
_HALVED = {_MPEG_1: 1, _MPEG_2: 2, _MPEG_2_5: 4}
_LAYER_III = 1
_MONO = 3
_HAS_FRAMES, _HAS_BYTES = 1, 2


def mp3_is_cut_off(stream: BinaryIO) -> bool:
    """Whether an MP3 ends before the samples that it promises; False where that cannot be told."""
    stream.seek(0)
    data = stream.read()
    begin = _after_tag(data)
    if not _frame_size(data, begin):
        return False
    promised = _promised_bytes(data, begin)
    if promised:
        return begin + promised > len(data)
    place = begin
    while size := _frame_size(data, place):
        place += size
    return place > len(data)


def _after_tag(data: bytes) -> int:
    """Return where the first frame begins: behind an ID3v2 tag, whose size is 7 bits a byte."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frame_size(data: bytes, place: int) -> int:
    """Return the bytes of the frame that begins there, 0 if none does."""
    head = data[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    kbits, rate = head[2] >> 4, head[2] >> 2 & 3
    if version not in _HALVED or layer != _LAYER_III or kbits in (0, 15) or rate == 3:
        return 0
    per_second = 1000 * (_KBITS if version == _MPEG_1 else _KBITS_LOWER)[kbits]
    samples = 1152 if version == _MPEG_1 else 576
    padding = head[2] >> 1 & 1
    return samples // 8 * per_second // (_RATES[rate] // _HALVED[version]) + padding


def _promised_bytes(data: bytes, place: int) -> int:
    """Return the bytes from the first frame's begin to the end, as it says; 0 if it does not."""
    version, mono = data[place + 1] >> 3 & 3, data[place + 3] >> 6 == _MONO
    side = (17 if mono else 32) if version == _MPEG_1 else (9 if mono else 17)
    tag = place + 4 + side
    if data[tag : tag + 4] not in (b"Xing", b"Info"):
        return 0
    flags = int.from_bytes(data[tag + 4 : tag + 8])
    if not flags & _HAS_BYTES:
        return 0
    field = tag + 8 + (4 if flags & _HAS_FRAMES else 0)
    return int.from_bytes(data[field : field + 4])

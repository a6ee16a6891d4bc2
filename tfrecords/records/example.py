"""One record as bytes: a tf.train.Example, written and read without TensorFlow.

Loading TensorFlow takes seconds and half a gigabyte, and its protobuf refuses the one that Apache
Beam brings. The message is small and does not change:

    Example   { 1: Features }
    Features  { 1: { 1: "audio",  2: Feature { 1: BytesList { 1: int16 samples } } }
                1: { 1: "label",  2: Feature { 3: Int64List { 1: packed varints } } }
                1: { 1: "source", 2: Feature { 1: BytesList { 1: path } } } }

A field is a tag (number and kind), a length as varint (7 bits a byte, lowest first), and so many
bytes. The same sound gives the same bytes, always. Reference:
protobuf.dev/programming-guides/encoding and tensorflow/core/example/example.proto.
"""

import os
from collections.abc import Iterator

import numpy as np

AUDIO, LABEL, SOURCE = "audio", "label", "source"

_BYTES_LIST, _INT64_LIST = 1, 3
_LENGTH_DELIMITED = 2


class ExampleError(ValueError):
    """Bytes that are no record."""


def encode(pcm: np.ndarray, label: int, source: str) -> bytes:
    """Serialise one record.

    Args:
        pcm: int16 (length,).
        label: index of the sound's label, from 0.
        source: the sound's path in its collection; bytes that are no UTF-8 are kept.
    """
    audio = np.ascontiguousarray(pcm, dtype="<i2").tobytes()
    return _field(
        1,
        _feature(AUDIO, _field(_BYTES_LIST, _field(1, audio)))
        + _feature(LABEL, _field(_INT64_LIST, _field(1, _varint(label))))
        + _feature(SOURCE, _field(_BYTES_LIST, _field(1, os.fsencode(source)))),
    )


def audio_of(record: bytes) -> bytes:
    """Return the int16 samples of a record, little endian.

    Raises:
        ExampleError: the bytes are no Example, or one without audio.
    """
    for entry in _values(_only(record, 1), 1):
        if _only(entry, 1) == AUDIO.encode():
            return _only(_only(_only(entry, 2), _BYTES_LIST), 1)
    raise ExampleError("a record without audio")


def _feature(name: str, value: bytes) -> bytes:
    return _field(1, _field(1, name.encode()) + _field(2, value))


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _only(message: bytes, number: int) -> bytes:
    value = next(_values(message, number), None)
    if value is None:
        raise ExampleError(f"a record without its field {number}")
    return value


def _values(message: bytes, wanted: int) -> Iterator[bytes]:
    place = 0
    while place < len(message):
        tag, place = _read_varint(message, place)
        size, place = _read_varint(message, place)
        if tag & 7 != _LENGTH_DELIMITED or place + size > len(message):
            raise ExampleError("bytes that are no record")
        if tag >> 3 == wanted:
            yield message[place : place + size]
        place += size


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message):
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ExampleError("bytes that are no record")

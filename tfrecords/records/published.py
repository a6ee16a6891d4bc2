"""The published schema of records: what other programs may rely on."""

import json

from .dataset_info import FORMAT, SPLITS

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_SHA256 = {"type": "string", "pattern": "^([0-9a-f]{64})?$"}


def _object(**properties) -> dict:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _optional(schema: dict, **properties) -> dict:
    return {**schema, "properties": {**schema["properties"], **properties}}


RECORD = {
    "audio": "bytes: int16 samples, little endian, `length` of them; full scale is 32767; "
    "the first and the last are 0, the largest is full scale",
    "label": "int64: index into `labels`",
    "source": "bytes: the sound's path in the collection, UTF-8 where its disk had that",
}
"""What a tf.train.Example of a shard holds, by feature name."""

DATASET_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "dataset.json of a folder of drumsmith records",
    "description": "The sounds of a split, read from `sources` from the top, are the records of "
    "its shards, read one shard after the other.",
    "x-record": RECORD,
    **_optional(
        _object(
            format={"const": FORMAT},
            labels={"type": "array", "items": _TEXT, "uniqueItems": True},
            counts={"type": "object", "additionalProperties": {"type": "object"}},
            sample_rate={"type": "integer", "minimum": 1000},
            length={"type": "integer", "minimum": 256},
            preparation={"type": "object"},
            sources={
                "type": "array",
                "items": _optional(
                    _object(path=_TEXT, label=_TEXT, split={"enum": list(SPLITS)}, sha256=_SHA256),
                    group=_TEXT,
                ),
            },
            skipped={
                "type": "array",
                "items": _optional(_object(path=_TEXT, label=_TEXT, reason=_TEXT), copy_of=_TEXT),
            },
            shards={
                "type": "array",
                "items": _optional(
                    _object(
                        file={"type": "string", "pattern": r"\.tfrecord$"},
                        split={"enum": list(SPLITS)},
                        records=_COUNT,
                        bytes=_COUNT,
                    ),
                    sha256=_SHA256,
                ),
            },
            compression={"enum": ["", "GZIP"]},
            digest=_SHA256,
        ),
        tool_version=_TEXT,
    ),
}


def schema_text() -> str:
    """Return the JSON Schema of dataset.json, with what a record holds under ``x-record``."""
    return json.dumps(DATASET_SCHEMA, indent=2)

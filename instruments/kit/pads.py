"""What is on which pad: chosen from a model's labels, or written down in YAML."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...common.errors import UserError
from ...common.likely import no_such
from ..rendering import find_label

PICKS = ("typical", "short", "long")
"""Which of the drawn sounds a pad takes: near the middle, or by the time in which it fades."""

FIRST_FREE_NOTE = 60
"""For labels that General MIDI has no note for."""

HATS = "hats"


@dataclass(frozen=True)
class Pad:
    """One pad of a kit.

    Attributes:
        name: shown, and in file names.
        label: of the model.
        note: MIDI number.
        seed: of the sound in its middle; None picks one.
        pick: one of `PICKS`, where there is no seed.
        like: name of a pad whose sound this one shares: a hat, open and closed.
        round_robins: sounds of each velocity layer, which take turns.
        velocities: layers, soft to loud.
        amount: of the steps in the latent space between them.
        level_db: in the mix, below the loudest pads.
        decay_ms: time in which the sound is made to fall by 60 dB; None leaves it.
        chokes: group of pads that it silences.
        choked_by: group by which it is silenced.

    Raises:
        UserError: a value is out of range; the message names the pad.

    """

    name: str
    label: str
    note: int
    seed: int | None = None
    pick: str = "typical"
    like: str = ""
    round_robins: int = 4
    velocities: int = 3
    amount: float = 0.1
    level_db: float = 0.0
    decay_ms: float | None = None
    chokes: str = ""
    choked_by: str = ""

    def __post_init__(self):
        for name, low, high in (
            ("note", 0, 127),
            ("round_robins", 1, 32),
            ("velocities", 1, 16),
            ("amount", 0, 1),
            ("level_db", -60, 0),
        ):
            if not low <= getattr(self, name) <= high:
                raise UserError(
                    f"pad {self.name}: {name} must be between {low} and {high}, "
                    f"but is {getattr(self, name)}"
                )
        if self.pick not in PICKS:
            raise UserError(f"pad {self.name}: {no_such('pick', self.pick, PICKS)}")
        if not self.name:
            raise UserError("every pad needs a name")


@dataclass(frozen=True)
class _Place:
    """A pad that a whole kit has, and the labels that may fill it, best first."""

    pad: Pad
    labels: tuple[str, ...]
    # Labels that already sound as the pad does, so that nothing has to be shortened.
    as_is: tuple[str, ...] = ()
    # Left out where another pad has its label.
    spare: bool = False


def _place(
    name: str, note: int, labels: str, as_is: str = "", *, spare: bool = False, **values: Any
) -> _Place:
    pad = Pad(name, "", note, **values)
    return _Place(pad, tuple(labels.split()), tuple(as_is.split()), spare)


_OPEN = "open_hat hat_open open_hihat hihat_open"
_CLOSED = "closed_hat hat_closed closed_hihat hihat_closed hat hihat hi_hat"
_PEDAL = "pedal_hat foot_hat hihat_pedal"

GENERAL_MIDI: tuple[_Place, ...] = (
    _place("kick", 36, "kick bass_drum bassdrum bd"),
    _place("kick 2", 35, "kick bass_drum bassdrum bd", pick="short", level_db=-1.0),
    _place("snare", 38, "snare sd"),
    _place("snare 2", 40, "snare sd", pick="short", level_db=-1.0),
    _place("side stick", 37, "rim rimshot side_stick sidestick", level_db=-4.0),
    _place("clap", 39, "clap handclap", level_db=-2.0),
    _place("open hat", 46, f"{_OPEN} hat hihat cymbal", level_db=-9.0, choked_by=HATS),
    _place(
        "closed hat",
        42,
        f"{_CLOSED} cymbal",
        _CLOSED,
        like="open hat",
        level_db=-9.0,
        decay_ms=110.0,
        chokes=HATS,
    ),
    _place(
        "pedal hat",
        44,
        f"{_PEDAL} {_CLOSED} cymbal",
        _PEDAL,
        like="open hat",
        level_db=-13.0,
        decay_ms=60.0,
        chokes=HATS,
    ),
    _place("crash", 49, "crash cymbal", pick="long", level_db=-6.0),
    _place("ride", 51, "ride cymbal", level_db=-11.0),
    _place("cymbal", 57, "cymbal", level_db=-8.0, spare=True),
    _place("low tom", 45, "low_tom tom_low tom", pick="long", level_db=-2.0),
    _place("mid tom", 47, "mid_tom tom_mid tom", level_db=-2.0),
    _place("high tom", 50, "high_tom tom_high tom", pick="short", level_db=-2.0),
    _place("tambourine", 54, "tambourine", level_db=-8.0),
    _place("cowbell", 56, "cowbell", level_db=-6.0),
    _place("shaker", 70, "shaker maracas", level_db=-9.0),
)
"""A whole kit: notes of the General MIDI percussion map."""


def default_pads(labels: Sequence[str], **values: Any) -> tuple[Pad, ...]:
    """Return a whole kit from whatever labels a model has.

    A label that has its own pads fills them; hats and cymbals come from `cymbal` where there is
    nothing finer. Labels that no pad takes get one each, from note 60 on.

    Args:
        labels: of the model.
        values: of all pads, such as ``round_robins=2``.

    """
    known = {label.casefold().replace("-", "_").replace(" ", "_"): label for label in labels}
    pads: list[Pad] = []
    for place in GENERAL_MIDI:
        found = next((name for name in place.labels if name in known), None)
        if found is None or (place.spare and known[found] in {pad.label for pad in pads}):
            continue
        pad = dataclasses.replace(place.pad, label=known[found], **values)
        if found in place.as_is:
            pad = dataclasses.replace(pad, decay_ms=None, like="")
        pads.append(pad)
    for label in labels:
        if label not in {pad.label for pad in pads}:
            note = FIRST_FREE_NOTE + sum(pad.note >= FIRST_FREE_NOTE for pad in pads)
            pads.append(Pad(label, label, note, **values))
    return check_pads(pads)


def parse_pads(content: Any, labels: Sequence[str], **values: Any) -> tuple[Pad, ...]:
    """Return the pads that a YAML file describes.

    Args:
        content: what the file holds: ``{"pads": {name: {"label": ..., "note": ...}}}``.
        labels: of the model.
        values: defaults of all pads.

    Raises:
        UserError: an unknown key or label, a value of another kind or out of range.

    """
    if not isinstance(content, Mapping) or not isinstance(content.get("pads"), Mapping):
        raise UserError("a kit's file holds pads: a name for each, and below it label and note")
    return check_pads([_parse(str(n), v, labels, values) for n, v in content["pads"].items()])


def pads_to_json(pads: Sequence[Pad]) -> dict[str, Any]:
    """Return what `parse_pads` reads, without what is default."""
    described = {}
    for pad in pads:
        described[pad.name] = {
            field.name: getattr(pad, field.name)
            for field in dataclasses.fields(pad)
            if field.name != "name" and getattr(pad, field.name) != field.default
        }
    return {"pads": described}


def check_pads(pads: Sequence[Pad]) -> tuple[Pad, ...]:
    """Return the pads of one kit.

    Raises:
        UserError: there is none, two share a name or note, or one is like a pad that is not there.

    """
    if not pads:
        raise UserError("a kit needs at least one pad")
    for kind in ("name", "note"):
        values = [getattr(pad, kind) for pad in pads]
        double = next((value for value in values if values.count(value) > 1), None)
        if double is not None:
            raise UserError(f"two pads have the {kind} {double}")
    names = {pad.name for pad in pads}
    for pad in pads:
        if pad.like and (pad.like not in names or pad.like == pad.name):
            raise UserError(f"pad {pad.name} is like {pad.like}, which is no other pad of the kit")
    return tuple(pads)


def _parse(name: str, described: Any, labels: Sequence[str], values: Mapping[str, Any]) -> Pad:
    if not isinstance(described, Mapping):
        raise UserError(f"pad {name}: write label and note below it")
    fields = {field.name: field for field in dataclasses.fields(Pad) if field.name != "name"}
    for key in described:
        if key not in fields:
            raise UserError(f"pad {name}: {no_such('key', str(key), fields)}")
    for key in ("label", "note"):
        if key not in described:
            raise UserError(f"pad {name} needs a {key}")
    try:
        label = find_label(labels, str(described["label"]))
        return Pad(name, **{**values, **described, "label": label})
    except TypeError as error:
        raise UserError(f"pad {name}: a value is of the wrong kind ({error})") from error

"""``drumsmith beat``: a loop, played on a kit."""

import argparse
from pathlib import Path
from typing import Any

from ...common.errors import UserError
from .source import ELSEWHERE, add_source_options, open_source

HELP = "play a pattern or a MIDI file on a kit, every hit a little different"
EXTRA = "kits,serve"
__all__ = ["ELSEWHERE", "EXTRA", "HELP", "add_arguments", "run"]

TURNS = 8
"""Sounds of each pad and layer that are made where no kit is named."""

MIDI = (".mid", ".midi", ".smf")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument(
        "beat",
        metavar="PATTERN|MIDI",
        help="a text file of lines such as kick: x...x..., a MIDI file, or rock, house, hiphop",
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="WAV file to write")
    parser.add_argument(
        "--kit", type=Path, help="folder made by drumsmith kit (default: a kit made for this beat)"
    )
    parser.add_argument(
        "--tempo", type=float, help="beats a minute (default: 120, or that of the MIDI file)"
    )
    parser.add_argument(
        "--swing", type=float, default=50.0, help="of a pattern, in percent (default: 50, straight)"
    )
    parser.add_argument(
        "--repeats", type=int, default=2, help="how often a pattern is played (default: 2)"
    )
    parser.add_argument(
        "--loop", action="store_true", help="cut at the bar; tails go on at the start"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another seed, another kit (default: 0)"
    )
    parser.add_argument(
        "--bits", choices=("16", "24", "float"), default="16", help="of a sample (default: 16)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.publish import publish_file
    from ...common.sounds.wav import wav_bytes

    if args.out.exists() and not args.overwrite:
        raise UserError(f"{args.out} is there; choose another name, or replace it with --overwrite")
    player, beat = _player_and_beat(args)
    audio = player.play(beat, loop=args.loop)
    if player.missing:
        notes = ", ".join(f"{note} ({n} hits)" for note, n in sorted(player.missing.items()))
        print(f"left out, the kit has no pad for them: notes {notes}")
    try:
        with publish_file(args.out) as partial:
            partial.write_bytes(wav_bytes(audio, player.sample_rate, encoding=args.bits))
    except OSError as error:
        raise UserError(f"cannot write {args.out}: {error.strerror or error}") from error
    hits = len(beat.hits) - sum(player.missing.values())
    print(f"{args.out}: {hits} hits, {len(audio) / player.sample_rate:.2f} s")
    return None


def _player_and_beat(args: argparse.Namespace) -> tuple[Any, Any]:
    from ...instruments.beat.playing import notes_by_name, player_of_folder, player_of_kit

    if args.kit is not None:
        player = player_of_folder(args.kit)
        return player, _beat(args, notes_by_name(player.pads))
    from ...common.sounds.processing import Processing
    from ...instruments.kit.choosing import choose_seeds
    from ...instruments.kit.kit import make_kit
    from ...instruments.kit.pads import default_pads

    with open_source(args) as source:
        pads = default_pads(source.labels, round_robins=TURNS)
        beat = _beat(args, {pad.name: pad.note for pad in pads})
        played = {hit.note for hit in beat.hits}
        pads = choose_seeds(source, pads, args.seed)
        mine = [pad for pad in pads if pad.note in played]
        if not mine:
            raise UserError(f"no note of {args.beat} has a pad in this kit")
        options = Processing(trim_db=-70.0, fade_out_ms=3.0, encoding="float")
        return player_of_kit(make_kit(source, "beat", mine, options)), beat


def _beat(args: argparse.Namespace, notes: dict[str, int]) -> Any:
    from ...instruments.beat.pattern import BUILT_IN, parse_pattern

    path = Path(args.beat)
    if path.suffix.casefold() in MIDI:
        from ...instruments.beat.midi import read_midi

        return read_midi(path, tempo=args.tempo)
    if args.beat in BUILT_IN and not path.exists():
        text = BUILT_IN[args.beat]
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            known = ", ".join(BUILT_IN)
            raise UserError(f"cannot read {path}: {reason}; or name one of {known}") from error
    tempo = 120.0 if args.tempo is None else args.tempo
    return parse_pattern(text, notes, tempo=tempo, swing=args.swing, repeats=args.repeats)

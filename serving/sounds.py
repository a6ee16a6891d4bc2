"""What a server or an export gives back: sounds, and what each was made of."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..common.sound_files import sound_name, write_sounds


@dataclass(frozen=True, eq=False)
class Sounds:
    """Sounds and what they were made of.

    Attributes:
        audio: float32 (n, length) in [-1, 1].
        labels: the label of each, n names.
        seeds: the seed of each; one of them alone makes its sound again.
        z: float32 (n, latent_dim), for `from_z` and `mix`.
        sample_rate: in Hz.

    """

    audio: np.ndarray
    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    z: np.ndarray
    sample_rate: int

    def __len__(self) -> int:
        return len(self.audio)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Write each sound as a 16-bit WAV file, named by its label and seed.

        Args:
            folder: made if it does not exist.
            overwrite: replace files of the same name that hold another sound.

        Returns:
            The files, in the order of the sounds.

        Raises:
            UserError: such a file is there and ``overwrite`` was not asked for, or the folder
                cannot be written.

        """
        pairs = zip(self.labels, self.seeds, strict=True)
        names = [sound_name(label, seed) for label, seed in pairs]
        written = write_sounds(
            Path(folder), self.audio, names, self.sample_rate, overwrite=overwrite
        )
        return list(written.paths)

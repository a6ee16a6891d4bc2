"""What a server or an export gives back: sounds, and what each was made of."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class Sounds:
    """Sounds and what they were made of.

    Attributes:
        audio: float32 (n, length) in [-1, 1].
        labels: the label of each, n names.
        seeds: the seed of each; one of them alone makes its sound again.
        z: float32 (n, latent_dim), for `from_z` and `mix`.
        sample_rate: in Hz.
        model_id: short name of the weights that made them.

    """

    audio: np.ndarray
    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    z: np.ndarray
    sample_rate: int
    model_id: str

    def __len__(self) -> int:
        return len(self.audio)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Write each sound as a 16-bit WAV file, named by its label and seed.

        Each says what makes it again: `drumsmith recall FILE` does.

        Args:
            folder: made if it does not exist.
            overwrite: replace files of the same name that hold another sound.

        Returns:
            The files, in the order of the sounds.

        Raises:
            UserError: such a file is there and ``overwrite`` was not asked for, or the folder
                cannot be written.

        """
        # Here, because a client that only asks must start at once.
        from ..common.sounds.recipe import Recipe
        from ..common.sounds.sound_files import Sound, sound_name, write_sound

        paths = []
        for audio, label, seed in zip(self.audio, self.labels, self.seeds, strict=True):
            sound = Sound(audio, self.sample_rate, Recipe(self.model_id, label, seed=seed))
            paths.append(Path(folder) / sound_name(label, seed))
            write_sound(paths[-1], sound, overwrite=overwrite)
        return paths


@dataclass(frozen=True, eq=False)
class Encoded:
    """What an encoder hears in sounds: `mix` of it makes sounds like them.

    Attributes:
        z: float32 (n, latent_dim).
        class_weights: float32 (n, classes).

    """

    z: np.ndarray
    class_weights: np.ndarray

"""From a trained run to a version that TF Serving, our server and `LocalModel` can all load."""

from contextlib import suppress
from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from ...common.publish import publish_folder
from ...model.encoding import FrozenEncoder, frozen_encoder
from ...model.generator import FrozenGenerator
from ...training.run.restore import load_generator
from ..saved_model.description import Description
from ..saved_model.versions import next_version, sweep_strays
from .batching import Batching
from .check import ExportError, check_export
from .graph import ServedGraph
from .post_filter import with_post_filter
from .warmup import write_warmup

ATTEMPTS = 10
"""How often a version's number may be taken by another exporter meanwhile."""


def export(
    run: Path,
    models: Path,
    *,
    averaged: bool = True,
    best: bool = False,
    post_filter: bool = False,
    batching: Batching | None = Batching(),  # noqa: B008 - frozen
) -> Path:
    """Export the generator of a training run as the next version in a models folder.

    Args:
        run: the training folder.
        models: the folder of versions; made if it does not exist.
        averaged: the running average of the weights instead of the last step's.
        best: the best checkpoint kept instead of the newest.
        post_filter: put a filter against steady tones behind the generator, see `post_filter`.
        batching: how requests are gathered; None computes each by itself.

    Returns:
        The folder of the new version.

    Raises:
        UserError: the run has nothing to export.
        ExportError: the export was refused, or the folder cannot be written; no version appeared.

    """
    trained = load_generator(run, averaged=averaged, best=best)
    description = Description(
        labels=tuple(trained.labels),
        sample_rate=trained.sample_rate,
        latent_dim=trained.latent_dim,
        length=trained.length,
        latent_prior=trained.latent_prior,
        preparation=trained.preparation,
        summary=trained.summary | {"post_filter": post_filter},
    )
    frozen = trained.generator.frozen(trained.fade)
    encoder = trained.encoder and frozen_encoder(trained.encoder, trained.generator)
    if post_filter:
        frozen = with_post_filter(frozen, description)
    return export_generator(frozen, description, models, batching=batching, encoder=encoder)


def export_generator(
    frozen: FrozenGenerator,
    description: Description,
    models: Path,
    *,
    batching: Batching | None = Batching(),  # noqa: B008 - frozen
    encoder: FrozenEncoder | None = None,
) -> Path:
    """Export a generator that is already a function of constants.

    The version appears by one rename, complete and examined, or not at all.

    Args:
        frozen: (z (B, latent_dim), class_weights (B, classes)) -> audio (B, length), standard
            TensorFlow operations over constants.
        description: its labels and numbers.
        models: the folder of versions; made if it does not exist.
        batching: how requests are gathered; None computes each by itself.
        encoder: the generator's encoder, where there is one: what signature ``encode`` runs.

    Returns:
        The folder of the new version.

    Raises:
        ExportError: see `export_check.check_export`; or the folder cannot be written.

    """
    existed = models.exists()
    try:
        sweep_strays(models)
        return _publish(frozen, description, models, batching, encoder)
    except OSError as error:
        raise ExportError(f"cannot write to {models}: {error.strerror or error}") from error
    finally:
        if not existed:
            with suppress(OSError):
                # Holds nothing if the export was refused; then it should not be there either.
                models.rmdir()


def _publish(
    frozen: FrozenGenerator,
    description: Description,
    models: Path,
    batching: Batching | None,
    encoder: FrozenEncoder | None,
) -> Path:
    for attempt in range(ATTEMPTS):
        version = models / str(next_version(models))
        try:
            with publish_folder(version) as partial:
                _fill(partial, frozen, description, batching, encoder)
            return version
        except OSError:
            # Another exporter took this number between the look and the rename.
            if not version.exists() or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _fill(
    folder: Path,
    frozen: FrozenGenerator,
    description: Description,
    batching: Batching | None,
    encoder: FrozenEncoder | None,
) -> None:
    served = ServedGraph(frozen, description, batching, encoder)
    tf.saved_model.save(served, str(folder), signatures=served.signatures())
    _declare_shapes(folder, served.input_shapes())
    served.description.write(folder)
    write_warmup(served.description, batching, folder)
    check_export(folder, frozen, served.description, encoder=encoder)


def _declare_shapes(folder: Path, shapes: dict[str, list[int]]) -> None:
    """Write the inputs' true shapes into the signatures, where callers read them.

    The graph itself leaves them open and checks them (see `validation`), and saving copies what the
    graph says.
    """
    path = folder / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for signature in saved.meta_graphs[0].signature_def.values():
        for alias, info in signature.inputs.items():
            info.tensor_shape.Clear()
            for size in shapes[alias]:
                info.tensor_shape.dim.add(size=size)
    path.write_bytes(saved.SerializeToString())
    # It is a checksum of the file as it was; TF Serving and TensorFlow do without.
    (folder / "fingerprint.pb").unlink(missing_ok=True)

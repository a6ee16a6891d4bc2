"""From a trained run to a version that TF Serving, our server and `LocalModel` can all load."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from ...common.publish import publish_folder
from ...model.encoding import FrozenEncoder, frozen_encoder
from ...model.generator import FrozenGenerator
from ...training.run.restore import load_generator
from ...training.run.state import ENCODER, GENERATOR
from ..saved_model.description import Description
from ..saved_model.versions import next_version, sweep_strays
from .batching import Batching
from .check import ExportError, check_export
from .graph import ServedGraph
from .post_filter import with_post_filter
from .trained_networks import write_networks
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
    portable: bool = False,
) -> Path:
    """Export the generator of a training run as the next version in a models folder.

    Args:
        run: the training folder.
        models: the folder of versions; made if it does not exist.
        averaged: the running average of the weights instead of the last step's.
        best: the best checkpoint kept instead of the newest.
        post_filter: put a filter against steady tones behind the generator, see `post_filter`.
        batching: how requests are gathered; None computes each by itself.
        portable: of operations that runtimes other than TensorFlow know as well, such as
            OpenVINO; each request is then computed by itself.

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
    networks: dict[str, keras.Model] = {}
    if trained.encoder:
        networks = {GENERATOR: trained.generator, ENCODER: trained.encoder}
    return export_generator(
        frozen,
        description,
        models,
        batching=batching,
        encoder=encoder,
        portable=portable,
        networks=networks,
    )


def export_generator(
    frozen: FrozenGenerator,
    description: Description,
    models: Path,
    *,
    batching: Batching | None = Batching(),  # noqa: B008 - frozen
    encoder: FrozenEncoder | None = None,
    portable: bool = False,
    networks: Mapping[str, keras.Model] | None = None,
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
        portable: see `export`; the generator itself must be portable.
        networks: what training can go on from, by its name in a run's state; none by default.

    Returns:
        The folder of the new version.

    Raises:
        ExportError: see `export_check.check_export`; or the folder cannot be written.

    """
    existed = models.exists()
    try:
        sweep_strays(models)
        parts = _Parts(
            frozen, description, None if portable else batching, encoder, portable, networks or {}
        )
        return _publish(parts, models)
    except OSError as error:
        raise ExportError(f"cannot write to {models}: {error.strerror or error}") from error
    finally:
        if not existed:
            with suppress(OSError):
                # Holds nothing if the export was refused; then it should not be there either.
                models.rmdir()


@dataclass(frozen=True)
class _Parts:
    """What an export is made of; see `export_generator`."""

    frozen: FrozenGenerator
    description: Description
    batching: Batching | None
    encoder: FrozenEncoder | None
    portable: bool
    networks: Mapping[str, keras.Model]


def _publish(parts: _Parts, models: Path) -> Path:
    for attempt in range(ATTEMPTS):
        version = models / str(next_version(models))
        try:
            with publish_folder(version) as partial:
                _fill(partial, parts)
                if parts.networks:
                    write_networks(partial, parts.networks)
            return version
        except OSError:
            # Another exporter took this number between the look and the rename.
            if not version.exists() or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _fill(folder: Path, parts: _Parts) -> None:
    served = ServedGraph(
        parts.frozen, parts.description, parts.batching, parts.encoder, parts.portable
    )
    # Nobody trains an export, and some gradients (that of swish) cannot be saved.
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    try:
        tf.saved_model.save(served, str(folder), signatures=served.signatures(), options=options)
    except tf.errors.OpError as error:
        # TensorFlow's own writer, on a full disk: "file; File too large [Op:SaveV2]".
        raise OSError(error.message.rpartition("; ")[2].partition(" [Op:")[0]) from error
    _declare_shapes(folder, served.input_shapes())
    served.description.write(folder)
    write_warmup(served.description, parts.batching, folder)
    check_export(folder, parts.frozen, served.description, encoder=parts.encoder)


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

"""`drumsmith serve --engine tensorflow-serving`: the real TF Serving, with our configuration."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

from ...common.errors import UserError

BINARY = "tensorflow_model_server"
MONITORING = Path(__file__).parents[1] / "deploy" / "tensorflow-serving" / "monitoring.config"

HOW_TO_GET_IT = (
    f"{BINARY} is not installed; on Debian and Ubuntu it comes from "
    "storage.googleapis.com/tensorflow-serving-apt (package tensorflow-model-server), elsewhere "
    "from Docker: docker compose -f serving/deploy/compose.yaml up"
)


def command(
    models: Path | None,
    *,
    name: str,
    port: int,
    rest_port: int | None = None,
    config_file: Path | None = None,
    allow_plaintext: bool = False,
) -> list[str]:
    """Return the command line that serves a models folder, or what a configuration file lists.

    Raises:
        UserError: TF Serving is not installed, or cannot do what is asked for.
    """
    if not allow_plaintext:
        raise UserError(
            "TF Serving listens on all addresses of this machine: allow that by --allow-plaintext"
        )
    if port == 0:
        raise UserError("TF Serving cannot take a free port by itself; give --port")
    binary = shutil.which(BINARY)
    if binary is None:
        raise UserError(HOW_TO_GET_IT)
    return [binary, f"--port={port}", *_source(models, name, config_file), *_extras(rest_port)]


def _source(models: Path | None, name: str, config_file: Path | None) -> list[str]:
    if config_file is not None:
        return [f"--model_config_file={config_file.absolute()}"]
    assert models is not None
    return [f"--model_name={name}", f"--model_base_path={models.absolute()}"]


def _extras(rest_port: int | None) -> list[str]:
    extras = ["--enable_grpc_healthcheck_service=true"]
    if rest_port:
        extras += [f"--rest_api_port={rest_port}", f"--monitoring_config_file={MONITORING}"]
    return extras


def run(arguments: list[str]) -> NoReturn:
    """Become TF Serving: signals and exit code are its own."""
    os.execv(arguments[0], arguments)

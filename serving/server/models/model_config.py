"""What to serve, as TF Serving's configuration says it."""

from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from ....common.errors import UserError
from ..rpc_status import RpcStatus, invalid
from .served_model import ModelConfig

PLATFORM = "tensorflow"


def read_config_file(path: Path) -> list[ModelConfig]:
    """Read a `model_server_config` text file, as TF Serving's `--model_config_file` takes it.

    Raises:
        UserError: the file is missing or says something that cannot be served.
    """
    try:
        config = text_format.Parse(path.read_text(), model_server_config_pb2.ModelServerConfig())
        return configs_of(config)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no model_server_config: {error}") from error
    except RpcStatus as status:
        raise UserError(f"{path}: {status.message}") from status


def configs_of(config: Any) -> list[ModelConfig]:
    """Return what a ModelServerConfig asks for.

    Raises:
        RpcStatus: INVALID_ARGUMENT, in TF Serving's words.
    """
    if config.WhichOneof("config") != "model_config_list":
        raise invalid(
            "ServerModelConfig type not supported by HandleReloadConfigRequest. "
            "Only ModelConfigList is currently supported"
        )
    models = [_config_of(model) for model in config.model_config_list.config]
    names = [model.name for model in models]
    for name in names:
        if names.count(name) > 1:
            raise invalid(f"Illegal to list model {name} multiple times in config list")
    return models


def _config_of(model: Any) -> ModelConfig:
    if not model.name:
        raise invalid("ModelConfig has no name specified.")
    if model.model_platform not in ("", PLATFORM):
        raise invalid(f"Unsupported model platform {model.model_platform} of model {model.name}")
    if not Path(model.base_path).is_absolute():
        raise invalid(
            f"Expected model {model.name} to have an absolute path or URI; "
            f"got base_path()={model.base_path}"
        )
    policy = model.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    return ModelConfig(
        name=model.name,
        folder=Path(model.base_path),
        latest=_latest(policy, kind),
        only=tuple(policy.specific.versions) if kind == "specific" else (),
        version_labels=dict(model.version_labels),
    )


def _latest(policy: Any, kind: str | None) -> int | None:
    if kind == "all":
        return None
    # 0 stands for the default in a message.
    return policy.latest.num_versions or 1

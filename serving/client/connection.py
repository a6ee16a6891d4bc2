"""How both clients connect: addresses in turn, calls sent again, message sizes."""

import json
from typing import Any

PREDICT = "/tensorflow.serving.PredictionService/Predict"
GET_MODEL_STATUS = "/tensorflow.serving.ModelService/GetModelStatus"

MAX_MESSAGE_BYTES = 64 * 2**20
"""Largest answer taken; gRPC's own 4 MiB is what 64 sounds of 16384 samples fill exactly."""

SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            # UNAVAILABLE may also mean that the connection broke while the call ran. Sending it
            # again is harmless: calls change nothing, and the same call gives the same sounds.
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    # A server in trouble is not helped by four times the calls.
    "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.2},
}


def channel_options(max_message_bytes: int) -> list[tuple[str, Any]]:
    """Return the options of a channel."""
    return [
        ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        # A server that restarts is found again soon; the default grows to two minutes.
        ("grpc.max_reconnect_backoff_ms", 2000),
    ]


def call_metadata(token: str | None) -> tuple[tuple[str, str], ...]:
    """Return what is sent along with each call."""
    return (("authorization", f"Bearer {token}"),) if token else ()

"""Makes the services visible to generic gRPC tools: `grpcurl`, `buf curl`, `grpc-requests`."""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection, reflection_pb2

from .services import METHODS, MODEL_SERVICE, PREDICTION_SERVICE

FILES = {
    PREDICTION_SERVICE: "tensorflow_serving/apis/prediction_service.proto",
    MODEL_SERVICE: "tensorflow_serving/apis/model_service.proto",
}


def enable_reflection(server: grpc.Server) -> None:
    """Answer reflection calls for all services of the server."""
    for service, file in FILES.items():
        _register(service, file)
    names = (*FILES, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    server.add_generic_rpc_handlers([_under_its_newer_name(names)])


def _under_its_newer_name(names: tuple[str, ...]) -> grpc.GenericRpcHandler:
    """Answer `v1` as `v1alpha`: the messages are the same, and newer tools ask for nothing else."""
    info = grpc.stream_stream_rpc_method_handler(
        reflection.ReflectionServicer(names).ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(
        "grpc.reflection.v1.ServerReflection", {"ServerReflectionInfo": info}
    )


def _register(service: str, file: str) -> None:
    """Describe a service by hand: its generated module does not import with protobuf 4.25."""
    pool = descriptor_pool.Default()
    try:
        pool.FindServiceByName(service)
        return
    except KeyError:
        pass
    package, _, name = service.rpartition(".")
    description = descriptor_pb2.FileDescriptorProto(name=file, package=package, syntax="proto3")
    methods = description.service.add(name=name).method
    imports = set()
    for method, (request, response) in METHODS[service].items():
        methods.add(
            name=method,
            input_type=f".{request.DESCRIPTOR.full_name}",
            output_type=f".{response.DESCRIPTOR.full_name}",
        )
        imports |= {request.DESCRIPTOR.file.name, response.DESCRIPTOR.file.name}
    description.dependency.extend(sorted(imports))
    pool.AddSerializedFile(description.SerializeToString())

"""TF Serving's own loader: the C++ library of the TensorFlow wheel, without Python in between."""

import ctypes
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2


class _Output(ctypes.Structure):
    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


class _Buffer(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("deallocator", ctypes.c_void_p),
    ]


STRING = 7
TSTRING_BYTES = 24

_lib = ctypes.CDLL(str(Path(tf.sysconfig.get_lib(), "libtensorflow_cc.so.2")))
_POINTERS = (
    "TF_NewStatus TF_NewSessionOptions TF_NewGraph TF_LoadSessionFromSavedModel TF_TensorData "
    "TF_GraphOperationByName TF_AllocateTensor TF_NewBuffer TF_StringGetDataPointer"
)
for _name in _POINTERS.split():
    getattr(_lib, _name).restype = ctypes.c_void_p
for _name in ("TF_Dim", "TF_TensorByteSize", "TF_StringGetSize"):
    getattr(_lib, _name).restype = ctypes.c_int64
_lib.TF_Message.restype = ctypes.c_char_p


class CppError(Exception):
    """What the library answered instead of a result."""

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


class CppModel:
    """A SavedModel loaded by `TF_LoadSessionFromSavedModel`."""

    def __init__(self, folder: Path):
        self._graph = _pointer(_lib.TF_NewGraph())
        meta_graph = _pointer(_lib.TF_NewBuffer())
        tags = (ctypes.c_char_p * 1)(b"serve")
        with _Status() as status:
            self._session = _pointer(
                _lib.TF_LoadSessionFromSavedModel(
                    _pointer(_lib.TF_NewSessionOptions()),
                    None,
                    str(folder).encode(),
                    tags,
                    1,
                    self._graph,
                    meta_graph,
                    status,
                )
            )
        buffer = _Buffer.from_address(meta_graph.value)
        content = ctypes.string_at(buffer.data, buffer.length)
        self.signatures = meta_graph_pb2.MetaGraphDef.FromString(content).signature_def

    def run(self, inputs, *, signature="serving_default"):
        definition = self.signatures[signature]
        feeds = [self._output(definition.inputs[alias].name) for alias in inputs]
        values = [_tensor(value) for value in inputs.values()]
        fetches = [self._output(info.name) for info in definition.outputs.values()]
        results = (ctypes.c_void_p * len(fetches))()
        with _Status() as status:
            _lib.TF_SessionRun(
                self._session,
                None,
                (_Output * len(feeds))(*feeds),
                (ctypes.c_void_p * len(values))(*[v.value for v in values]),
                len(feeds),
                (_Output * len(fetches))(*fetches),
                results,
                len(fetches),
                None,
                0,
                None,
                status,
            )
        answers = [_array(ctypes.c_void_p(result)) for result in results]
        for tensor in (*values, *(ctypes.c_void_p(result) for result in results)):
            _lib.TF_DeleteTensor(tensor)
        return dict(zip(definition.outputs, answers, strict=True))

    def close(self):
        with _Status() as status:
            _lib.TF_DeleteSession(self._session, status)
        _lib.TF_DeleteGraph(self._graph)

    def _output(self, name):
        operation, index = name.split(":")
        found = _lib.TF_GraphOperationByName(self._graph, operation.encode())
        return _Output(found, int(index))


class _Status:
    def __enter__(self):
        self._status = _pointer(_lib.TF_NewStatus())
        return self._status

    def __exit__(self, *exception):
        code = _lib.TF_GetCode(self._status)
        message = _lib.TF_Message(self._status).decode()
        _lib.TF_DeleteStatus(self._status)
        if code:
            raise CppError(code, message)


def _pointer(value):
    return ctypes.c_void_p(value)


def _tensor(value):
    value = np.asarray(value, order="C")
    dims = (ctypes.c_int64 * max(value.ndim, 1))(*value.shape)
    dtype = tf.as_dtype(value.dtype).as_datatype_enum
    size = ctypes.c_size_t(value.nbytes)
    tensor = _pointer(_lib.TF_AllocateTensor(dtype, dims, value.ndim, size))
    ctypes.memmove(_pointer(_lib.TF_TensorData(tensor)), value.ctypes.data, value.nbytes)
    return tensor


def _array(tensor):
    shape = [_lib.TF_Dim(tensor, axis) for axis in range(_lib.TF_NumDims(tensor))]
    dtype, data = _lib.TF_TensorType(tensor), _lib.TF_TensorData(tensor)
    if dtype == STRING:
        count = int(np.prod(shape))
        texts = [_text(data + i * TSTRING_BYTES) for i in range(count)]
        return np.array(texts, object).reshape(shape)
    content = ctypes.string_at(data, _lib.TF_TensorByteSize(tensor))
    return np.frombuffer(content, tf.as_dtype(dtype).as_numpy_dtype).reshape(shape)


def _text(address):
    pointer = _lib.TF_StringGetDataPointer(_pointer(address))
    return ctypes.string_at(pointer, _lib.TF_StringGetSize(_pointer(address)))

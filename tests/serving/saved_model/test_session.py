import numpy as np
import tensorflow as tf

from drumsmith.serving.pretrained import pretrained_models
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.serving.saved_model.versions import find_version


def test_the_passes_that_are_left_out_change_no_sample():
    """`recall` promises every sample of sounds that any form of the session has made."""
    _, folder = find_version(pretrained_models())
    z = np.random.default_rng(0).standard_normal((3, 64)).astype(np.float32)
    label = np.arange(3, dtype=np.int32)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta_graph = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        signature = meta_graph.signature_def["serving_default"]
        given = {signature.inputs["z"].name: z, signature.inputs["label"].name: label}
        plainly = session.run(signature.outputs["audio"].name, given)
    with LocalModel() as model:
        np.testing.assert_array_equal(model.from_z(z, label), plainly)

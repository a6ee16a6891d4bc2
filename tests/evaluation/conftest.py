import pickle
import shutil

import pytest

from ..helpers import planted_drums as _drums
from ..helpers.made_once import made_once


@pytest.fixture(scope="session")
def drums():
    """Helpers that make synthetic drums and plant faults in them."""
    return _drums


@pytest.fixture(scope="session")
def sounds(tmp_path_factory):
    """The real sounds and the good ones: to synthesise them takes seconds."""

    def make(folder):
        made = (
            _drums.make_real(digest="0123456789abcdef"),
            _drums.make_sounds(32, seed=0, first=500),
        )
        (folder / "sounds.pickle").write_bytes(pickle.dumps(made))

    folder = made_once(tmp_path_factory, "drums", make)
    return pickle.loads((folder / "sounds.pickle").read_bytes())


@pytest.fixture(scope="session")
def real(sounds):
    return sounds[0]


@pytest.fixture(scope="session")
def good(sounds):
    """Sounds from the same source as the real ones, but none of them."""
    return sounds[1]


@pytest.fixture(scope="session")
def classifier(real, kept_classifiers):
    from drumsmith.evaluation.sounds.classifier import label_classifier

    return label_classifier(real, kept_classifiers)


@pytest.fixture(scope="session")
def kept_classifiers(real, tmp_path_factory):
    """A folder in which the classifier of `real` is kept; more may come into it."""

    def make(folder):
        from drumsmith.evaluation.sounds.classifier import label_classifier

        label_classifier(real, folder)

    kept = made_once(tmp_path_factory, "classifiers", make)
    return shutil.copytree(kept, tmp_path_factory.mktemp("classifiers") / "kept")


@pytest.fixture(scope="session")
def extractor(real, classifier):
    from drumsmith.evaluation.sounds.sound_features import fit_extractor

    return fit_extractor(real, classifier)


@pytest.fixture(scope="session")
def features(real, extractor):
    """Features of the real training and held-out sounds."""
    from drumsmith.evaluation.sounds.sound_features import extract, find_nearest

    train = extract(real.train, extractor, faults=False)
    held_out = extract(real.held_out, extractor)
    return train, held_out.with_nearest(find_nearest(real.held_out, real, train, extractor))


@pytest.fixture(scope="session")
def figures_of(real, extractor, features):
    """Return a function: sounds, names of metrics -> figures."""
    from drumsmith.evaluation.measurement import take_all
    from drumsmith.evaluation.metrics.registry import metrics
    from drumsmith.evaluation.sounds.sound_features import extract, find_nearest

    def take(sounds, *names):
        train, held_out = features
        candidate = extract(sounds, extractor)
        candidate = candidate.with_nearest(find_nearest(sounds, real, train, extractor))
        chosen = [one for one in metrics(extractor.embeddings) if not names or one.name in names]
        return take_all(chosen, real.labels, candidate, train, held_out)

    return take


@pytest.fixture(scope="session")
def evaluation(real, good, kept_classifiers):
    """A whole evaluation of a stand-in generator whose name must be escaped in markup."""
    from drumsmith.evaluation.evaluate import evaluate

    source = _drums.MixingSource(good)
    return evaluate(source, real, name="<mix> & co", count=16, keep_in=kept_classifiers)

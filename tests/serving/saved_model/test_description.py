"""What an export says of itself survives its file, and older files are read for what they say."""

import dataclasses
import json

import pytest

from drumsmith.common.errors import UserError
from drumsmith.serving.saved_model.description import DESCRIPTION_FILE, Description

from ...helpers.tiny_export import DESCRIPTION


def test_prior_and_preparation_are_read_as_they_were_written(tmp_path):
    told = dataclasses.replace(
        DESCRIPTION, latent_prior="uniform", preparation={"fade_out_ms": 7.5}
    )
    told.write(tmp_path)
    assert Description.read(tmp_path) == told


@pytest.mark.parametrize(
    ("config", "prior"), [({"latent_prior": "uniform"}, "uniform"), ({}, "normal")]
)
def test_an_older_export_says_its_prior_among_the_trainings_options(tmp_path, config, prior):
    dataclasses.replace(DESCRIPTION, summary={"config": config}).write(tmp_path)
    path = tmp_path / DESCRIPTION_FILE
    fields = json.loads(path.read_text())
    del fields["latent_prior"], fields["preparation"]
    path.write_text(json.dumps(fields))
    assert Description.read(tmp_path).latent_prior == prior


def test_a_prior_that_does_not_exist_is_refused():
    with pytest.raises(UserError, match="latent_prior must be one of normal, uniform"):
        dataclasses.replace(DESCRIPTION, latent_prior="lognormal")

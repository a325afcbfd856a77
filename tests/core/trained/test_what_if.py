"""The inputs of a network as a person sets them."""

import numpy as np
import pytest

from core.datasets import prepare
from core.trained.what_if import CategoryField, NumberField, fields_of, row_with
from tests.core.trained.networks import NAUGHTY, QUERIES, bundle_of, points_query, table_query


@pytest.mark.parametrize("name", QUERIES)
def test_data_of_numbers_have_a_field_a_feature(name):
    bundle = bundle_of(QUERIES[name])
    split = prepare(bundle.experiment.data)
    fields = fields_of(bundle.preparation)
    assert tuple(field.name for field in fields) == split.feature_names
    for field in fields:
        assert isinstance(field, NumberField)
        assert (field.low, field.high) == (split.raw_train[:, field.place].min(), split.raw_train[:, field.place].max())


def test_points_of_a_file_have_a_field_a_column_however_many_inputs_are_derived():
    fields = fields_of(bundle_of(points_query("x1,x2,x1x1,x2x2")).preparation)
    assert [(field.name, type(field)) for field in fields] == [("x1", NumberField), ("x1x1", NumberField)]


@pytest.mark.parametrize(("rare", "last"), [(1, "none of these"), (2, "any other")])
def test_every_row_of_a_table_is_said_by_its_fields(rare, last):
    bundle = bundle_of(table_query(rare=rare))
    fields = fields_of(bundle.preparation)
    assert [field.name for field in fields] == [NAUGHTY[0], "day", NAUGHTY[1], NAUGHTY[2]]
    assert isinstance(fields[2], CategoryField)
    assert fields[2].options[-1] == last
    raw = prepare(bundle.experiment.data).raw_train
    for row in raw:
        values = {place: field.read(row) for place, field in enumerate(fields)}
        np.testing.assert_array_equal(row_with(np.full_like(row, 7), fields, values), row)


def test_other_fields_and_the_row_itself_stay_as_they_are():
    bundle = bundle_of(table_query())
    fields = fields_of(bundle.preparation)
    before = bundle.preparation.typical.copy()
    after = row_with(bundle.preparation.typical, fields, {0: 3.5, 3: 1})
    np.testing.assert_array_equal(bundle.preparation.typical, before)
    assert after[0] == 3.5
    assert fields[3].read(after) == 1
    assert fields[2].read(after) == fields[2].read(before)
    none = row_with(before, fields, {3: len(fields[3].options) - 1})
    assert none[fields[3].place : fields[3].place + fields[3].width].sum() == 0

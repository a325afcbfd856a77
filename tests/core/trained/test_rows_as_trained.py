"""A file of rows to predict is read as the file that was trained on."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from core.datasets.table_columns import data_name, table_of, target_of, task_of
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, Experiment, NetworkSpec, TableSpec
from core.trained.bundle import Bundle, load_bundle, save_bundle
from core.trained.row_predictions import Predictions, predict_file
from tests.core.trained.networks import bundle_of


def trained(content: bytes | str, **changes: object) -> Bundle:
    """Return a bundle of a file, saved and opened again; its weights are of no matter."""
    content = content.encode() if isinstance(content, str) else content
    spec = TableSpec(keep_upload(content), **changes)
    name = data_name(task_of(target_of(table_of(spec), spec)))
    query = f"data={name}&file={spec.file}&layers=relu-4"
    query += "".join(
        f"&{key}={','.join(value) if isinstance(value, tuple) else value}" for key, value in changes.items()
    )
    return load_bundle(save_bundle(bundle_of(query)))


def predict(bundle: Bundle, content: bytes | str, name: str = "rows.csv") -> Predictions:
    content = content.encode() if isinstance(content, str) else content
    return predict_file(bundle.network, bundle.preparation, content, name)


def check_same(bundle: Bundle, rows: bytes | str, plain: bytes | str, name: str = "rows.csv") -> Predictions:
    """Hold the predictions for rows to those for the same rows in the form that needs no thought."""
    found, wanted = predict(bundle, rows, name), predict(bundle, plain)
    columns = [found.predicted, *found.probabilities]
    pd.testing.assert_frame_equal(found.frame[columns], wanted.frame[columns], check_exact=False, rtol=1e-5)
    assert found.left_out == wanted.left_out
    return found


DAYS = pd.date_range("2024-01-01", periods=40, freq="9D")


def dated(form: str) -> str:
    return "\n".join(["date,day", *(f"{day.strftime(form)},{place}" for place, day in enumerate(DAYS))])


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%y", "%d-%b-%y", "%d/%m/%Y %I:%M %p"])
def test_days_and_months_have_the_order_of_the_training_file(form):
    bundle = trained(dated(form))
    rows = pd.to_datetime(["2024-03-05", "2024-03-07"])
    text = "date\n" + "\n".join(rows.strftime(form)) + "\n"
    assert check_same(bundle, text, "date\n2024-03-05\n2024-03-07\n").warnings == ()


def test_dates_that_cannot_have_the_trained_order_are_read_by_their_own_and_it_is_said():
    found = check_same(trained(dated("%d/%m/%Y")), "date\n03/25/2024\n03/26/2024\n", "date\n2024-03-25\n2024-03-26\n")
    assert found.warnings[0] == "'date' is not written as in the training file, so it is read by its own values."


def numbers(delimiter: str = ",", form: str = "{}") -> str:
    lines = [f'"{form.format(1000 + row * 37.5)}"{delimiter}{"ab"[row % 2]}' for row in range(60)]
    return "\n".join([f"price{delimiter}kind", *lines])


EUROPEAN = numbers(";", "{:,.2f} €").translate(str.maketrans(",.", ".,"))


def test_numbers_have_the_separators_of_the_training_file():
    plain = "price,n\n1234,1\n1300,2\n"
    assert check_same(trained(EUROPEAN), "price;n\n1.234;1\n1.300;2\n", plain).warnings == ()
    check_same(trained(EUROPEAN), 'price,n\n"1.234",1\n"1.300",2\n', plain)  # with a delimiter of its own
    check_same(trained(numbers(form="${:,.2f}")), 'price,n\n"$1,234.00",1\n"1,300",2\n', plain)
    check_same(trained(numbers(form="{:.1f}%")), "price,n\n1234%,1\n1300 %,2\n", plain)
    # 1,234 is thousands only where the training file says so.
    check_same(trained(numbers()), "price;n\n1234,5;1\n1300,5;2\n", "price,n\n1234.5,1\n1300.5,2\n")


def test_a_single_row_is_read_in_the_form_of_the_training_file():
    check_same(trained(EUROPEAN), "price;n\n1.234;1\n", "price,n\n1234,1\n")
    check_same(trained(EUROPEAN), "price\n1.234\n", "price\n1234\n")


def coded(words: list[str], **changes: object) -> Bundle:
    lines = [f"{words[row % len(words)]},{row},{'ab'[row % 2]}" for row in range(90)]
    return trained("\n".join(["c,x,kind", *lines]), rare=1, **changes)


def test_words_for_missing_are_those_of_the_training_file():
    elements = coded(["Na", "K", "Li"])
    found = predict(elements, "c,x\nNa,3\n")
    assert (found.left_out, found.warnings) == (0, ())
    assert elements.preparation.file_form is not None
    answers = check_same(elements, "c,x\nNA,3\n", "c,x\nNa,3\n")  # which only differs in case
    assert answers.warnings == ("'c': 'NA' counts as 'Na'.",)
    soils = coded(["dry", "wet", "moist", "NA"])
    assert predict(soils, "c,x\nNA,3\n").warnings == ("'c': 1 value counts as missing: 'NA' (1).",)


def test_a_word_in_another_case_or_with_spaces_is_the_trained_one():
    bundle = coded(["yes", "no", "not  sure"])
    found = check_same(bundle, "c,x\nYes,3\n NO ,4\nNot Sure,5\n", "c,x\nyes,3\nno,4\nnot  sure,5\n")
    assert found.warnings == ("'c': 'Yes' counts as 'yes', 'NO' counts as 'no', 'Not Sure' counts as 'not  sure'.",)


def test_a_word_that_may_be_two_trained_ones_or_none_is_named():
    bundle = coded(["a", "A", "b"])
    assert predict(bundle, "c,x\na,3\nA,4\nB,5\n").warnings == ("'c': 'B' counts as 'b'.",)
    found = predict(bundle, "c,x\nmaybe,3\nmaybe,4\nnever,5\n")
    assert found.notes[0] == (
        "'c': 3 rows are of a category that was not trained and counts as none of the trained categories: "
        "'maybe' (2), 'never' (1)."
    )


def test_numbers_that_trained_as_categories_are_the_same_with_a_point():
    bundle = trained(
        "\n".join(["c,x,kind", *(f"{row % 3},{row},{'ab'[row % 2]}" for row in range(90))]), category_columns=("c",)
    )
    check_same(bundle, "c,x\n1.0,3\n2.0,4\n", "c,x\n1,3\n2,4\n")


def test_letters_have_the_encoding_of_the_training_file():
    lines = [f"{('Zürich', 'Genève', 'Basel')[row % 3]},{row},{'ab'[row % 2]}" for row in range(90)]
    text = "\n".join(["Stadt,Größe,kind", *lines])
    bundle = trained(text.encode("cp1252"))
    rows = "Stadt,Größe\nZürich,3\n"
    for encoding in ("cp1252", "utf-8", "utf-8-sig", "utf-16"):
        assert check_same(bundle, rows.encode(encoding), rows).warnings == ()


def test_rows_without_names_have_the_columns_of_a_training_file_without():
    bundle = trained("\n".join(f"{row},{row * 3 % 7},{'ab'[row % 2]}" for row in range(3, 63)))
    assert bundle.preparation.columns == ("column 1", "column 2")
    assert len(predict(bundle, "5,6\n").frame) == 1


def test_values_are_carried_as_they_are_written():
    bundle = trained(EUROPEAN)
    table = predict(bundle, "price;when;n\n1.234,50 €;05/03/2024;..\n").frame
    assert table.iloc[0, :3].tolist()[:2] == ["1.234,50 €", "05/03/2024"]


def test_a_bundle_of_an_earlier_version_opens():
    bundle = bundle_of("data=moons&points=40&layers=tanh-4")
    content = save_bundle(bundle)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as other:
        for name in archive.namelist():
            member = archive.read(name)
            if name == "data.json":
                data = json.loads(member)
                data["format"] = "Hidden Layers run, version 1"
                del data["preparation"]["file_form"]
                member = json.dumps(data).encode()
            other.writestr(name, member)
    opened = load_bundle(out.getvalue())
    assert opened.preparation.file_form is None
    np.testing.assert_array_equal(opened.preparation.offset, bundle.preparation.offset)


def test_the_experiment_of_a_bundle_says_how_its_file_is_read():
    data = DataSpec("file", table=TableSpec("0" * 32, dates="day", decimal=","))
    assert Experiment(data, NetworkSpec(())).data.table.dates == "day"

"""Somebody brings a table, trains on it, and then a file that is damaged."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, expect

from tests.browser.lab import Lab

_ROWS = [f"{row % 70},{10 + row % 9},{'wet' if row % 3 else 'dry'},{('oak', 'ash')[row % 2]}" for row in range(90)]
_DAMAGED: FilePayload = {"name": "photo.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(200)}


def test_a_name_that_the_page_cuts_is_shown_in_full(lab: Lab, tmp_path: Path) -> None:
    name = "mean height of all the trees that were measured in the morning of the same day"
    trees = tmp_path / "trees.csv"
    trees.write_text("\n".join([f"age,{name},soil,kind", *_ROWS]))
    lab.page.goto(f"{lab.base}/?data=file&epochs=20")
    lab.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(trees)
    lab.wait_until_drawn()
    menu = lab.page.get_by_role("combobox", name="Predict", exact=True)
    menu.fill("mean")
    lab.page.get_by_role("option", name=name).click()
    lab.wait_for_address("target_column", name).wait_until_drawn()
    menu.hover()
    expect(menu).to_have_attribute("title", name)


def test_a_table_is_brought_learned_from_and_not_lost(lab: Lab, tmp_path: Path) -> None:
    trees = tmp_path / "trees, all.csv"
    trees.write_text("\n".join(["age,height,**soil**,kind", *_ROWS]))
    lab.page.goto(f"{lab.base}/?data=file&epochs=20")
    expect(lab.page.get_by_text("Upload a file")).to_be_visible()
    uploader = lab.page.get_by_test_id("stFileUploaderDropzoneInput")
    uploader.set_input_files(trees)
    lab.wait_until_drawn()
    expect(lab.page.get_by_text("90 rows, 4 columns")).to_be_visible()
    file = lab.address["file"]
    # Another column is predicted; its name is no Markdown.
    lab.page.get_by_label("Predict", exact=True).fill("soil")
    lab.page.get_by_role("option", name="**soil**").click()
    lab.wait_for_address("target_column", "**soil**").wait_until_drawn()
    lab.press("train").wait_for_status("finished")
    figures = lab.final_figures
    assert "After epoch 20:" in figures
    expect(lab.chart("Confusion matrix").get_by_text("wet").first).to_be_visible()
    # What cannot be read is said, and nothing is lost by it.
    uploader.set_input_files(_DAMAGED)
    message = lab.page.get_by_test_id("stSidebar").get_by_role("alert")
    expect(message).to_contain_text("photo.csv")
    expect(message).to_contain_text("PNG picture")
    assert (lab.address["file"], lab.address["target_column"]) == (file, "**soil**")
    assert lab.final_figures == figures
    expect(lab.page.get_by_text("90 rows, 4 columns")).to_be_visible()
    # Nor by a visit to the data, and the link alone brings all of it back.
    lab.turn_to("Data")
    expect(lab.page.get_by_role("heading", name="trees, all.csv")).to_be_visible()
    lab.turn_to("Lab").wait_until_drawn().reload()
    assert lab.final_figures == figures

"""Tables in the open formats that researchers have: some rows of real files of each."""

import shutil
from pathlib import Path

import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import DataError

FILES = Path(__file__).parent / "exchange"


def one(table, **named):
    """The only value of the rows named."""
    for name, wanted in named.items():
        table = table[table[name] == wanted]
    (value,) = table["value"]
    return value


def test_sdmx_says_its_groups_units_and_states_in_our_words():
    table = wdp.read_table(FILES / "unicef_sdmx.csv")
    assert list(table["sex"].unique()) == ["female", "male", "all"]
    assert one(table, year=2023, sex="female") == 5.91223800904557
    assert set(table["indicator"]) == {"Under-five mortality rate"}
    assert set(table["unit"]) == {"Deaths per 1,000 live births"}
    assert set(table["status"]) == {"final"} and set(table["source"]) == {"UN_IGME"}


def test_a_download_of_the_world_bank_is_read_after_the_lines_before_its_headings():
    table = wdp.read_table(FILES / "world_bank.csv")
    assert one(table, area="China", year=2021) == 35.7 and len(table) == 14
    assert set(table["area"]) == {"China", "Brazil"}  # no value, no row


def test_the_observatory_of_who_is_read_with_all_digits():
    table = wdp.read_table(FILES / "who_gho.csv")
    assert one(table, area="CHN", year=2020) == 5.5936
    assert set(table["indicator"]) == {"GHED_CHEGDP_SHA2011"}


def test_a_breakdown_of_who_stands_in_a_column_of_its_group(tmp_path):
    text = (FILES / "who_gho.csv").read_text(encoding="utf-8")
    total, women = (line for line in text.splitlines() if ",CHN," in line and ",2020," in line), []
    line = next(total)
    for sex, value in (("SEX_FMLE", "5"), ("SEX_BTSX", "6")):
        women.append(line.replace("YEAR,2020,,", f"YEAR,2020,SEX,{sex}").replace("5.5936", value))
    path = tmp_path / "who.csv"
    path.write_text("\n".join([text.splitlines()[0], *women]), encoding="utf-8")
    table = wdp.read_table(path)
    assert dict(zip(table["sex"], table["value"], strict=True)) == {"female": 5, "all": 6}


def test_an_open_sdg_site_is_a_folder_of_files_each_an_indicator(tmp_path):
    for name in ("indicator_3-1-1.csv", "indicator_3-2-1.csv"):
        shutil.copy(FILES / "indicator_3-1-1.csv", tmp_path / name)
    table = wdp.read_table(tmp_path)
    assert list(table["indicator"].unique()) == ["3-1-1", "3-2-1"]
    table = table[table["indicator"] == "3-1-1"]
    assert one(table, area="KZ03", year=2018) == 35.9 and one(table, area="", year=2018) == 14
    named = wdp.read_table(FILES / "indicator_3-1-1.csv", columns={"area": "Регионы"})
    assert one(named, area="Акмолинская", year=2018) == 35.9


def test_a_data_package_gives_its_title_to_what_it_holds():
    table = wdp.read_table(FILES / "gini-index")
    assert table.equals(wdp.read_table(FILES / "gini-index" / "datapackage.json"))
    assert set(table["indicator"]) == {"Historic values of the GINI Index"}
    assert one(table, area="Ecuador", year=2020) == 47.3


def test_what_is_read_becomes_a_study_in_one_line():
    table = wdp.read_table(FILES / "world_bank.csv")
    targets = {"Gini index": ("≤", 35, 2025)}
    study = wdp.study_from_frame(table, unit="%", targets=targets, as_of="2024-06-30")
    assert list(study.compare(["China", "Brazil"], on="Gini index")["value"]) == [35.7, 52.9]
    assert study.rejected.empty and 0 < study.risks["p_meet"].iloc[0] < 1
    sexes = wdp.study_from_frame(wdp.read_table(FILES / "unicef_sdmx.csv"), as_of="2024-06-30")
    shown = sexes.pivot("Under-five mortality rate", by="sex")
    assert shown.loc[2022].round(2).to_dict() == {"女": 5.9, "男": 7.01, "合计": 6.47}


def broken_down(folder, *groups):
    lines = (FILES / "unicef_sdmx.csv").read_text(encoding="utf-8").splitlines()
    rows = [lines[-1].replace("_T,Total,UN", f"{group},{group},UN") for group in groups]
    path = folder / "wealth.csv"
    path.write_text("\n".join([lines[0], *rows]), encoding="utf-8")
    return path


def test_of_any_other_breakdown_the_total_counts_and_without_one_a_choice_is_asked_for(tmp_path):
    table = wdp.read_table(broken_down(tmp_path, "Q1", "_T", "Q5"))
    assert len(table) == 1
    path = broken_down(tmp_path, "Q1", "Q5")
    with pytest.raises(DataError, match="keep=") as error:
        wdp.read_table(path)
    assert "Wealth Quintile (Q1, Q5)" in error.value.render("en")
    assert len(wdp.read_table(path, keep={"Wealth Quintile": "Q5"})) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.csv", "a,b\n1,2\n", "none of the known formats"),
        ("datapackage.json", '{"resources": [{"path": "../../secret.csv"}]}', "outside"),
        ("datapackage.json", '{"resources": []}', "no table"),
    ],
)
def test_what_is_in_no_known_format_is_told(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as error:
        wdp.read_table(path)
    assert said in error.value.render("en")

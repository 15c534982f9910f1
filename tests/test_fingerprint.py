"""A report says from which data it was made."""

import pytest
from batch_home import make_home

from wdp_lib.batch import read_run
from wdp_lib.batch.record import combined, data_files, digests


def fingerprint(home):
    run = read_run(home / "params" / "tiny.yaml")
    return combined(digests(home, data_files(run, home)))


@pytest.mark.requirement("G2")
def test_the_fingerprint_printed_in_a_report_changes_when_one_value_changes(tmp_path):
    home = make_home(tmp_path / "home")
    figures = home / "data" / "observations" / "tiny" / "a.csv"
    figures.write_text("indicator,year,value\na,2025,60.1\n", encoding="utf-8")
    before = fingerprint(home)
    assert fingerprint(home) == before
    figures.write_text("indicator,year,value\na,2025,60.2\n", encoding="utf-8")
    assert fingerprint(home) != before

"""What a notebook may do to the runner: say too much, too long, break off; and the runner says it in a sentence."""

import os
import time
from pathlib import Path

import pytest
from batch_home import make_home, notebook

from wdp_lib.batch import run_batch
from wdp_lib.batch import execute as execution


def run(home, **settings):
    return run_batch(home / "params" / "tiny.yaml", home=home, only=["30-risk"], **settings)


def shown(result):
    return result.outcomes[0].node.cells[-1].outputs


@pytest.mark.parametrize("code", ["print('0' * 3_000_000)", "raise ValueError('0' * 3_000_000)"])
def test_a_long_line_without_a_space_is_cut_with_a_sentence_and_takes_no_time(tmp_path, code):
    home = make_home(tmp_path / "home", n30_risk=notebook(code))
    begun = time.process_time()
    result = run(home)
    assert time.process_time() - begun < 8
    (output,) = shown(result)
    assert "输出过长" in output.get("text", output.get("evalue"))
    log = result.folder / "logs" / "30-risk.log"
    assert log.stat().st_size < 12_000_000


def test_ten_thousand_pieces_of_one_line_are_one_output(tmp_path):
    pieces = "import sys\nfor i in range(3000):\n    sys.stdout.write('0' * 100); sys.stdout.flush()\nprint('end')"
    (output,) = shown(run(make_home(tmp_path / "home", n30_risk=notebook(pieces))))
    assert output.text == "0" * 300_000 + "end\n"


def test_a_log_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "MOST_LOGGED", 1000)
    result = run(make_home(tmp_path / "home", n30_risk=notebook("print('x ' * 5000)")))
    said = (result.folder / "logs" / "30-risk.log").read_text("utf-8")
    assert len(said) < 1200 and "输出过长" in said

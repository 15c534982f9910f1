"""``wdp package``: a run as open data and as a yearbook."""

from __future__ import annotations

import argparse
from pathlib import Path

from wdp_lib.cli.actions import DONE
from wdp_lib.cli.reporting import run_study
from wdp_lib.core.console import say
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.home import find_home


def write_packages(options: argparse.Namespace) -> int:
    """Carry out ``wdp package``: a zip of each run, of the public edition unless asked otherwise.

    A zip that somebody changed is not overwritten.
    """
    from wdp_lib.batch import check_run, plan_runs
    from wdp_lib.core.files import write_atomic
    from wdp_lib.disclosure import INTERNAL
    from wdp_lib.documents.package import package, packed

    home = find_home()
    edition = None if options.edition == INTERNAL else options.edition
    asked = {"language": getattr(options, "language", None), "edition": edition}
    runs = plan_runs(options.params, **asked)
    for run in runs:
        check_run(run, home)
    for run in runs:
        study = run_study(run, home)
        if edition is None and study.edition != INTERNAL:
            raise ParameterError.of(
                f"参数文件写明版本 {study.edition}，不能作内部版。",
                f"The parameter file asks for the edition {study.edition}, not the internal.",
            )
        path = Path(options.out or home / "reports") / f"{run.run}.zip"
        data = packed(package(study, run.run))
        if path.is_file() and path.read_bytes() != data and not options.replace:
            raise ParameterError.of(
                f"{path} 已存在且内容不同；加 --replace 方替换。",
                f"{path} is there with other content; give --replace to replace it.",
            )
        write_atomic(path, data)
        say(Text(f"{study.edition_name}：{path}", f"{study.edition_name}: {path}"))
    return DONE

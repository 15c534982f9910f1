"""A tiny project for the tests of the batch: one plan, one data set, two notebooks."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from wdp_lib.batch import Order, plan_runs, run_batch

PARAMETERS = """\
plan = "tiny"  # plan
dataset = "tiny"  # data set
as_of = "2026-06-30"  # known by
through = 2030  # last year
stage = "midterm"  # stage
language = "zh"  # zh or en
seed = 1  # random numbers
share = 0.5  # a number
report_folder = ""  # where tables go"""

WRITE = """\
import os
from wdp_lib.core.home import report_path
from IPython.display import display
folder = report_path(report_folder)
display({"text/markdown": f"**{stage}** {through}"}, raw=True, metadata={"wdp": {"heading": f"{stage} {through}"}})
if folder:
    (folder / "tables" / "numbers.csv").write_text(f"seed,hash\\n{seed},{hash('乳源')}\\n", encoding="utf-8")
    (folder / "rejected.csv").write_text("file,row\\na.csv,3\\na.csv,4\\n", encoding="utf-8")
print("cwd", os.path.basename(os.getcwd()))"""

RUN = """\
run: tiny-midterm
title: {zh: 小县中期评估, en: Mid-term evaluation of a tiny county}
purpose: {zh: 供检验使用, en: For tests}
notebooks: [10-data, 30-risk]
parameters:
  plan: tiny
  dataset: tiny
  as_of: "2026-06-30"
  through: 2030
  stage: midterm
  language: zh
  seed: 7
"""


def notebook(*cells, parameters=PARAMETERS):
    """A notebook with a parameters cell and the given sources of code cells; a source starting with # is prose."""
    made = [new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters else []
    made += [
        new_markdown_cell(cell) if cell.startswith("# ") else new_code_cell(cell) for cell in cells
    ]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return new_notebook(
        cells=made,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )


def make_home(folder, **notebooks):
    """Write the project into ``folder``; names of notebooks with _ for -, leading n before the number."""
    for path in ("data/plans/tiny", "data/observations/tiny", "notebooks", "params"):
        (folder / path).mkdir(parents=True)
    (folder / "data/plans/tiny/plan.yaml").write_text(
        "id: tiny\ntitle: {zh: 小县规划, en: Tiny plan}\n", "utf-8"
    )
    (folder / "data/observations/tiny/dataset.yaml").write_text(
        "id: tiny\nkind: simulated\ntitle: {zh: 小县数据, en: Tiny data}\nfiles: [a.csv]\n"
        "mark: {zh: 模拟数据, en: Simulated data}\n",
        "utf-8",
    )
    (folder / "params/tiny.yaml").write_text(RUN, "utf-8")
    made = {
        "n10_data": notebook(WRITE),
        "n30_risk": notebook("# 承诺", "print(share)"),
        **notebooks,
    }
    for name, node in made.items():
        nbformat.write(node, folder / "notebooks" / f"{name[1:].replace('_', '-')}.ipynb")
    return folder


def params(home, text=RUN, name="tiny"):
    """Write a parameter file and return its path."""
    path = home / "params" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def orders(home, names, text=RUN):
    """One order for each name, each with a parameter file of its own."""
    paths = [params(home, text.replace("tiny-midterm", name), name) for name in names]
    return [Order(one, home, {}, quiet=True) for path in paths for one in plan_runs([path])]


def files(folder, *, logs=False):
    """Path and bytes of every file of a report."""
    found = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    return {
        name: path.read_bytes()
        for name, path in sorted(found.items())
        if logs or not name.startswith("logs/")
    }


def run(home, **settings):
    """Run the tiny project; its result, and what was said of each notebook."""
    said = []
    result = run_batch(
        home / "params" / "tiny.yaml", home=home, progress=lambda t: said.append(t.en), **settings
    )
    return result, [line.split("] ")[1] for line in said if "] " in line and "running" not in line]


def kept(said):
    """Names of the notebooks that were taken over."""
    return [line.split(" ")[0] for line in said if "kept" in line]

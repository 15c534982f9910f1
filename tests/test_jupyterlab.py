"""The real JupyterLab in a real browser: Chinese, no questions asked, notebooks run from top to bottom."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
OPENED = ("00-explore", "20-trends")
LIMIT = 240_000  # milliseconds; a slow machine is no fault
MENUS = ["文件", "编辑", "查看", "运行", "内核", "标签页", "设置", "帮助"]


def need(found, what):
    """Return what was found; REQUIRE_BROWSER=1 turns the skip into a failure."""
    if found:
        return found
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(what)
    return pytest.skip(what)


@pytest.fixture(scope="module")
def page():
    """A page of a Chromium of this machine."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    start = need(sync_playwright, "no playwright: pip install playwright")
    names = (os.environ.get("CHROMIUM_PATH", ""), "chromium", "google-chrome", "chrome")
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    path = need(found, "no Chromium: set CHROMIUM_PATH")
    with start() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(LIMIT)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder to work in: the notebooks without their outputs, the settings of the project."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    for name in OPENED:
        notebook = json.loads((HOME / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        path = folder / "notebooks" / f"{name}.ipynb"
        path.write_text(json.dumps(notebook, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(page, folder, tmp_path_factory):
    """JupyterLab as `make lab` starts it, on a free port of this machine, with a token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, own = secrets.token_hex(16), tmp_path_factory.mktemp("jupyter")
    settings = HOME / "notebooks" / "jupyter"
    environment = {**os.environ, "WDP_HOME": str(HOME), "JUPYTER_CONFIG_PATH": str(settings)}
    environment |= {"JUPYTER_PATH": str(settings)}
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment |= {name: str(own / name) for name in places}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--notebook-dir={folder}"]
    command += [f"--IdentityProvider.token={token}"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with (own / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", server, own / "log")
        yield f"http://127.0.0.1:{port}/?token={token}"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address, server, log):
    until = time.monotonic() + LIMIT / 1000
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(address):  # noqa: S310, our own server
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer: {log.read_text(encoding='utf-8')[-2000:]}")


def run_all(page, folder, name):
    """Run every cell of the notebook in front, save it, return it as saved."""
    path = folder / "notebooks" / f"{name}.ipynb"
    front = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    front.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(state="attached")
    page.get_by_text("运行", exact=True).first.click()
    page.locator("[data-command='runmenu:run-all']").click()
    last = len(cells(path))
    done = front.locator(".jp-CodeCell .jp-InputPrompt").filter(has_text=f"[{last}]:")
    done.wait_for(state="attached")
    page.keyboard.press("Control+s")
    until = time.monotonic() + LIMIT / 1000
    while not any(cell["outputs"] for cell in cells(path)) and time.monotonic() < until:
        page.wait_for_timeout(100)
    return cells(path)


def cells(path):
    """The code cells of a notebook; none of one that is just being written."""
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text) if text.endswith("}\n") else {"cells": []}
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def outputs(ran):
    return [one for cell in ran for one in cell["outputs"]]


def test_jupyterlab_opens_on_exploring_in_chinese_and_asks_nothing(page, address):
    page.goto(address)
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
    assert page.locator(".lm-MenuBar-itemLabel").all_inner_texts() == MENUS
    assert page.url.endswith("00-explore.ipynb")
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    page.locator(".jp-Toolbar-kernelName", has_text="Python 3（wdp）").wait_for()


def test_the_table_of_contents_is_filled(page, address):
    page.locator("[data-id='table-of-contents']").click()
    entries = page.locator(".jp-TableOfContents-tree .jp-tocItem-content")
    entries.first.wait_for()
    assert "一张图" in entries.all_inner_texts()
    page.locator("[data-id='filebrowser']").click()


def test_exploring_runs_from_top_to_bottom_and_is_chosen_by_hand(page, address, folder):
    ran = run_all(page, folder, "00-explore")
    assert [one for one in outputs(ran) if one["output_type"] in ("error", "stream")] == []
    kinds = {kind for one in outputs(ran) for kind in one.get("data", {})}
    assert {"image/png", "text/html", "application/vnd.jupyter.widget-view+json"} <= kinds
    field = page.locator(".widget-text input[list]")
    field.fill("孕产妇死亡率")
    field.press("Enter")
    drawn = page.locator(".widget-tab img[alt*='孕产妇死亡率']")
    drawn.wait_for()
    assert drawn.evaluate("picture => picture.naturalWidth") > 300
    field.fill("孕产妇死亡律")
    field.press("Enter")
    page.get_by_text("是否要写 孕产妇死亡率？").wait_for()


def test_trends_run_from_top_to_bottom_with_their_charts(page, address, folder):
    page.get_by_text("20-trends.ipynb").first.dblclick()
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)[id]").first.wait_for()
    page.locator(".lm-TabBar-tab.lm-mod-current", has_text="20-trends.ipynb").wait_for()
    ran = run_all(page, folder, "20-trends")
    assert [one for one in outputs(ran) if one["output_type"] in ("error", "stream")] == []
    stored = outputs(cells(HOME / "notebooks" / "20-trends.ipynb"))
    pictures = ["image/png" in one.get("data", {}) for one in outputs(ran)]
    assert pictures == ["image/png" in one.get("data", {}) for one in stored] and any(pictures)
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0

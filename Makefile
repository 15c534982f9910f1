.DEFAULT_GOAL := help
.PHONY: help setup run test check lab notebooks lock audit
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
export MPLBACKEND := Agg
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export JUPYTER_PATH := $(CURDIR)/wdp_lib/batch/warm
# compiled modules are kept, or every kernel compiles the library anew
export PYTHONDONTWRITEBYTECODE :=

help:
	@echo "make run        安装一切并生成两份中期评估及其正式文件 | set everything up, make the two mid-term evaluations and their documents"
	@echo "make test       安装一切并通过全部测试 | set everything up, pass all tests"
	@echo "make lab        打开 JupyterLab（中文）| open JupyterLab"
	@echo "make check      代码风格、类型与计划、数据检查 | style, types, plans and data"
	@echo "make notebooks  重新运行示例，刷新笔记本中保存的结果，另写英文副本 | refresh the stored outputs, write English copies"
	@echo "make audit      查已知漏洞（需联网）| look for packages with known faults (needs the network)"
	@echo "make lock       由 pyproject.toml 重新生成 requirements.lock | make the lock anew"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'wdp: Python 3.11+ required, found ' + sys.version.split()[0])"
	@echo "正在安装（约一分钟）… | installing (about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $(READY)

setup: $(READY)

run: setup
	$(BIN)/wdp run params/china-midterm-2025.yaml params/ruyuan-midterm-2025.yaml
	$(BIN)/wdp report params/china-midterm-2025.yaml params/ruyuan-midterm-2025.yaml

# the notebooks beside the tests: what a study has computed for one serves the others, and no processor waits
test: setup
	$(BIN)/python -m pytest tests notebooks --ignore=notebooks/en --nbval --nbval-kernel-name wdp \
		--nbval-cell-timeout 120 -n 2 --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/wdp check params/*.yaml

lab: setup
	@echo "JupyterLab 正在启动；浏览器若没有自动打开，请打开下面带 token 的地址 | if no browser opens, open the address with the token below"
	@JUPYTER_CONFIG_PATH="$(CURDIR)/notebooks/jupyter" JUPYTER_PATH="$(CURDIR)/notebooks/jupyter" \
		$(BIN)/jupyter lab --notebook-dir="$(CURDIR)" --ServerApp.log_level=ERROR \
		$$(test "$$(id -u)" != 0 || echo --allow-root)

notebooks: setup
	$(BIN)/wdp notebooks

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-annotate --no-header --extra test pyproject.toml -o requirements.lock

# in an environment of its own: the tool is not in the lock
audit:
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.9"
	@said=$$(mktemp) && trap 'rm -f "$$said"' EXIT; \
	if $(VENV)/audit/bin/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip >"$$said" 2>&1; then \
		cat "$$said"; \
	elif grep -q '^Found .*known vulnerabilit' "$$said"; then \
		cat "$$said"; echo "有已知漏洞，见上 | known faults, see above"; exit 1; \
	else \
		tail -n 3 "$$said"; echo "查不到漏洞库：等于没有检查 | the database of faults cannot be asked: nothing was checked"; exit 1; \
	fi

PYTHON ?= python3
BIN := .venv/bin
# pip and the libraries ask nobody home.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export HF_HUB_DISABLE_TELEMETRY := 1

.PHONY: install demo test check format benchmarks constraints clean

install: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] <= (3, 12), "Python 3.11 or 3.12 is needed; set PYTHON="'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[gliclass]' --group dev
	touch $@

# LLM=local:Qwen/Qwen3-0.6B, or the address of any OpenAI-compatible endpoint, adds a language model to the proposals.
demo: install
	$(BIN)/workbench demo $(if $(LLM),--llm '$(LLM)')

test: install
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

constraints: install
	( echo '# Every package, at the version it was tested with; `make constraints` renews them.'; \
	  $(BIN)/python -m pip freeze --exclude-editable | sed -E 's/^torch(==| @).*/torch==2.13.0/' ) > constraints.new
	mv constraints.new constraints.txt

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# The commands of Boucle. `make help` lists them.

PYTHON ?= python3
BIN := .venv/bin
FOLDERS := reporting scripts serving webapp
CODE := pipeline reporting scripts serving webapp grafana
REQUIREMENTS := $(FOLDERS:%=%/requirements.txt)
NOTEBOOKS := scripts/notebooks
MEDIA := pipeline/extractors/requirements.txt
BUCKET := pipeline/objects/requirements.txt
DASK := pipeline/model/requirements-dask.txt
TRACKING := scripts/tracking/requirements.txt scripts/tracking/requirements-dvclive.txt
export PYTHONPATH := .
unexport PYTHONDONTWRITEBYTECODE  # tests start hundreds of processes, and each would compile all of it anew

.DEFAULT_GOAL := help
.PHONY: help install media bucket dask inspect prepare train run demo notebook strip rollback fresh report bundle sbom pin backup restore erase test test-slow reliability check audit format lock bench screenshots dashboards docs secrets doctor clean history

help:  ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

# Packages of requirement files, and of groups in pyproject.toml: by uv, which pip brings; by pip itself where
# that fails. A bundle has brought them in wheels/.
LOCKED := --constraint constraints.txt $(if $(wildcard wheels/*.whl),--no-index --find-links wheels)
PIP := $(BIN)/pip install --quiet --disable-pip-version-check $(LOCKED)
UV := $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python $(LOCKED)
media_if_needed = if $(BIN)/python -m scripts.preparation.media_packages; then $(MAKE) --no-print-directory media; fi
prepared := $(if $(filter fresh,$(MAKECMDGOALS)),fresh,prepare)
wanted = $(1:%=--requirement %) $(2:%=--group %)
newer_pip = $(if $(2),$(PIP) pip &&)  # an older Python brings one that knows no groups
packages = { $(PIP) uv && $(UV) $(wanted); } || { $(newer_pip) $(PIP) $(wanted); }

install: .venv/tests  ## make .venv with everything in it

.venv/installed: $(REQUIREMENTS) constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "On Debian, venv is a package of its own: apt install python3-venv"; exit 1; }
	@echo "Installing into .venv; the first time takes half a minute or more."
	@$(call packages,$(REQUIREMENTS))
	@sh compose/slim.sh .venv/lib/python3*/site-packages
	@$(BIN)/python -W ignore -m compileall -q -j 0 .venv/lib/python3*/site-packages/evidently  # or it warns of itself later
	@echo "$(CURDIR)" > $$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/boucle.pth
	@touch $@

.venv/tests: .venv/installed pyproject.toml $(BUCKET) $(DASK)
	@$(call packages,$(BUCKET) $(DASK),dev)
	@$(BIN)/python -W ignore -m compileall -q -j 0 .venv/lib || true  # some packages hold files of another Python
	@touch $@

inspect: .venv/installed  ## what a dataset holds and what will be made of it: SOURCE=file.csv TARGET=column
	@$(BIN)/python scripts/inspect_dataset.py $(if $(SOURCE),--source "$(SOURCE)") $(if $(TARGET),--target "$(TARGET)")

media: .venv/media  ## install what reads sounds and films

.venv/media: .venv/installed $(MEDIA)
	@$(call packages,$(MEDIA))
	@touch $@

bucket: .venv/bucket  ## install what keeps versions and history in a bucket

.venv/bucket: .venv/installed $(BUCKET)
	@$(call packages,$(BUCKET))
	@touch $@

dask: .venv/dask  ## install what trains by the workers of a Dask cluster

.venv/dask: .venv/installed $(DASK)
	@$(call packages,$(DASK))
	@touch $@

prepare: .venv/installed  ## make the reference, the holdout and the embedding out of the dataset
	@$(media_if_needed)
	@$(BIN)/python scripts/prepare.py

train: $(prepared)  ## train a version, show its scores and put it live
	@$(BIN)/python scripts/train.py

run: $(prepared)  ## prepare and train if need be, then run all services side by side
	@$(BIN)/python scripts/train.py --if-none
	@$(BIN)/python -m scripts.stack.local_services --check
	@$(BIN)/python -m scripts.stack.run_services

demo: .venv/installed  ## play the loop on a running Boucle: a change, its alarm, retraining, recovery
	@$(BIN)/python scripts/demo.py

notebook: .venv/notebooks  ## open the notebooks in Jupyter
	@$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(NOTEBOOKS)

.venv/notebooks: .venv/installed $(NOTEBOOKS)/requirements.txt $(TRACKING)
	@echo "Installing Jupyter into .venv; this takes a minute the first time."
	@$(call packages,$(NOTEBOOKS)/requirements.txt $(TRACKING))
	@touch $@

strip: .venv/notebooks  ## take the outputs out of the notebooks, so that diffs can be read
	@$(BIN)/nbstripout --extra-keys metadata.language_info $(NOTEBOOKS)/*.ipynb

rollback: .venv/installed  ## put the version before live again, or VERSION=0001
	@$(BIN)/python scripts/rollback.py $(VERSION)

fresh: .venv/installed  ## set data, artifacts and records aside in archive/ and prepare anew
	@$(media_if_needed)
	@$(BIN)/python scripts/prepare.py --fresh

report: .venv/installed  ## make an Evidently report of the latest rows now
	@$(BIN)/python -m reporting.snapshot

backup: .venv/installed  ## save records, artifacts, data and secrets in backups/, while all goes on
	@$(BIN)/python -m scripts.maintenance.backup $(FILE)

restore: .venv/installed  ## bring FILE=backups/... back; what there is now is set aside
	@test -n "$(FILE)" || { echo "Say which: make restore FILE=backups/..."; exit 1; }
	@$(BIN)/python -m scripts.maintenance.restore $(TRUST) $(FILE)

bundle: .venv/installed  ## one file with all that a machine without a network needs: FILE=boucle.tar SERVICES="..."
	@$(BIN)/python -m scripts.supply_chain.bundle $(if $(FILE),--file "$(FILE)") $(SERVICES)

sbom: .venv/installed  ## list the packages of the built images in sbom/, as CycloneDX
	@$(BIN)/python -m scripts.supply_chain.sbom

pin: .venv/installed  ## pin the images of others to digests, which no one can move, in Dockerfiles and compose files
	@$(BIN)/python -m scripts.supply_chain.pin_images

history: .venv/installed  ## old rows and new ones together as CSV: FILE=rows.csv, WITH="--from 2026-01-01 --feedback"
	@$(BIN)/python -m scripts.records.history read $(if $(FILE),--csv "$(FILE)") $(WITH)

erase: .venv/installed  ## forget what is on record about SUBJECT=..., PREDICTION=id or WHERE=feature=value
	@test -n "$(SUBJECT)$(PREDICTION)$(WHERE)" || { echo "Say whom or what: make erase SUBJECT=..."; exit 1; }
	@$(BIN)/python -m scripts.records.erase $(if $(SUBJECT),--subject "$(SUBJECT)") \
	  $(if $(PREDICTION),--prediction-id "$(PREDICTION)") $(if $(WHERE),--where "$(WHERE)")

test: install  ## run the tests of every day
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-slow: install  ## run those with a browser, or with processes that come and go
	@$(BIN)/python -m pytest -m "slow and not reliability and not elastic and not tracking" --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

reliability: install  ## run those of thousands of requests and kills
	@$(BIN)/python -m pytest -m reliability --numprocesses 2 --dist load

check: install  ## format, lint, types, what is unsafe, known holes, and the direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(CODE)
	@$(BIN)/hadolint $(wildcard */Dockerfile)
	@$(BIN)/python -m scripts.supply_chain.audit --if-reachable
	@$(BIN)/python -m pytest tests/architecture

audit: install  ## ask OSV for known holes in the pinned packages (needs the network)
	@$(BIN)/python -m scripts.supply_chain.audit

format: install  ## bring the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: install  ## pin every package once in constraints.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	  --no-header --no-annotate --no-emit-index-url --upgrade $(REQUIREMENTS) --group dev \
	  $(NOTEBOOKS)/requirements.txt $(MEDIA) $(BUCKET) $(DASK) \
	  --output-file constraints.txt

screenshots: install  ## take the pictures of the web page that the README shows
	@$(BIN)/python docs/screenshots.py

bench: install  ## time the scorer against scikit-learn
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.training.scoring

docs: install  ## write the settings into docs/configuration.md, and the documents of the chart
	@$(BIN)/python docs/settings.py
	@$(BIN)/python -m charts.documents

dashboards: install  ## write the dashboards of Grafana anew
	@$(BIN)/python grafana/dashboards.py

secrets:  ## show the keys and passwords of the docker compose stack
	@docker compose run --rm --no-deps prepare python -m scripts.stack.stack_secrets --show

doctor:  ## check the docker compose stack, a line for each part
	@$(PYTHON) -m scripts.stack.doctor

clean:  ## remove .venv and caches; data, artifacts and records stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

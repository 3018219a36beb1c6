# The course's commands; `make` alone lists them. Each sets itself up first, inside .venv.
PYTHON ?= python3
PORT ?= 8888

# What Jupyter, IPython and matplotlib keep stays in .venv; your home folder is left alone.
VENV := $(CURDIR)/.venv
export JUPYTER_CONFIG_DIR := $(VENV)/jupyter/config
export JUPYTER_DATA_DIR := $(VENV)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(VENV)/jupyter/runtime
export IPYTHONDIR := $(VENV)/ipython
export MPLCONFIGDIR := $(VENV)/matplotlib
# pip keeps no copies in your home folder, unless PIP_CACHE_DIR names a folder for them.
ifndef PIP_CACHE_DIR
export PIP_NO_CACHE_DIR := 1
endif
# Type that is readable from the last row. JupyterLab takes it from a user's settings only.
ifneq ($(value PRESENT),)
export JUPYTERLAB_SETTINGS_DIR := $(VENV)/jupyter/presenting
endif
# A variable's text as one word for the shell: nothing in it is expanded or run.
quoted = '$(subst ','\'',$(value $(1)))'
unexport PORT PYTHON
# The library is found here also after the folder was moved.
export PYTHONPATH := $(CURDIR)

.PHONY: help lab test fuzz run pages figures bench handout slides site lint lock
help:  ## list these commands
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile

lab: .venv/ready  ## open the course in JupyterLab (PORT=8888, BROWSER=none, PRESENT=1: large type)
	@case $(call quoted,PORT) in ''|*[!0-9]*|??????*) false;; *) test $(call quoted,PORT) -le 65535;; \
	  esac || { echo "PORT is a number up to 65535, such as in: make lab PORT=9000" >&2; exit 2; }
	@$(if $(value PRESENT),mkdir -p .venv/jupyter && cp -R tools/jupyter/presenting .venv/jupyter)
	@.venv/bin/python -m jupyterlab --ip=127.0.0.1 --port=$(call quoted,PORT) --allow-root \
	  --LabApp.default_url=/$(if $(value PRESENT),doc,lab)/tree/notebooks/00_start_here.ipynb \
	  --LanguageServerManager.autodetect=False $(if $(filter none,$(value BROWSER)),--no-browser)

test: .venv/ready-to-test  ## test the library and every notebook
	@OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist loadfile

fuzz: .venv/ready-to-test  ## try random bad input, ten minutes per kind (ALEXNET_FUZZ_SECONDS=600)
	@ALEXNET_FUZZ_SECONDS="$${ALEXNET_FUZZ_SECONDS:-600}" .venv/bin/python -m pytest tests/fuzz

run: .venv/ready-to-test  ## run every notebook again and store its outputs
	@.venv/bin/python tools/pages.py
	@.venv/bin/python tools/execute.py

pages: .venv/ready-to-test  ## write set-up cells, badges, the course map and links to the glossary
	@.venv/bin/python tools/pages.py

figures: .venv/ready  ## draw images/ again, and write the README's results from results/
	@.venv/bin/python tools/figures.py
	@.venv/bin/python tools/results.py
	@.venv/bin/python tools/experiments.py

bench: .venv/ready  ## time LRN, the input pipeline and training against the usual way
	@.venv/bin/python benchmarks/speed.py

handout: .venv/ready  ## copy the course to dist/student, without answers, and to dist/teacher
	@.venv/bin/python tools/handout.py

slides: .venv/ready  ## write a presentation per notebook to dist/slides (needs npm once)
	@.venv/bin/python tools/slides.py

site: .venv/ready-for-site  ## build the course as a web site in dist/site
	@.venv/bin/python site/build_site.py

lint: .venv/ready-to-test  ## check the style of code and notebooks, and the direction of imports
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python .venv/bin/lint-imports --no-logo --no-cache

lock: .venv/ready-to-test  ## pin what the requirements need in constraints.txt (UPGRADE=1: newest)
	@.venv/bin/uv pip compile --quiet --cache-dir .venv/uv-cache --universal \
	  --python-version 3.10 --only-binary :all: --no-annotate --custom-compile-command "make lock" \
	  $(if $(UPGRADE),--upgrade) requirements.txt requirements-test.txt \
	  requirements-site.txt --output-file constraints.txt
	@# CUDA's packages follow from torch, which has builds for several versions of CUDA and for none.
	@grep -vE '^(nvidia-|cuda-|triton=)' constraints.txt > .venv/pins && mv .venv/pins constraints.txt

.venv/ready: requirements.txt constraints.txt pyproject.toml
	@PYTHON=$(call quoted,PYTHON) sh tools/setup.sh

.venv/ready-for-site: .venv/ready requirements-site.txt
	@echo "Adding what the web edition needs to .venv."
	@.venv/bin/python -I -m pip install --quiet --disable-pip-version-check \
	  -r requirements-site.txt -c constraints.txt
	@touch $@

.venv/ready-to-test: .venv/ready-for-site requirements-test.txt
	@echo "Adding what the tests need to .venv."
	@.venv/bin/python -I -m pip install --quiet --disable-pip-version-check \
	  -r requirements-test.txt -c constraints.txt
	@touch $@

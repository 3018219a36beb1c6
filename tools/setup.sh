#!/bin/sh
# Makes .venv, or brings it up to date. `make` calls this; nothing outside the checkout changes.
# .venv/ready is written last: a .venv without it is half-made and is made anew.
set -eu
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    found=$("$python" --version 2>&1) || found="not found"
    echo "The course needs Python 3.10 or newer; $python: $found. Add PYTHON=python3.12, say." >&2
    exit 1
fi
if ! mkdir .setup-lock 2>/dev/null; then
    echo "Another set-up is at work here: wait until it ends (if none is: rmdir .setup-lock)." >&2
    exit 1
fi
new=no
leave() {
    [ "$new" = no ] || rm -rf .venv
    rmdir .setup-lock
}
trap leave EXIT
trap 'exit 130' INT TERM HUP

if [ ! -f .venv/ready ]; then
    echo "Setting up in .venv: a few minutes, up to 6 GB."
    rm -rf .venv
    new=yes
    "$python" -m venv .venv
fi
mkdir -p .venv/tmp .venv/share/jupyter/lab/settings .venv/etc/ipython
TMPDIR="$PWD/.venv/tmp" .venv/bin/python -I -m pip install \
    --disable-pip-version-check -r requirements.txt -c constraints.txt -e .
rm -rf .venv/tmp
# JupyterLab asks no question about news before the first cell, and saves the state of widgets, so
# that explorers and progress bars are there again when a saved notebook is opened.
cp tools/jupyter/overrides.json .venv/share/jupyter/lab/settings/
# Opening a notebook does not change it: the file says why.
cp tools/jupyter/ipython_kernel_config.py .venv/etc/ipython/
touch .venv/ready
new=no

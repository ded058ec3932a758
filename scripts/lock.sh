#!/bin/sh
# Write constraints.txt anew: exact versions of all that the program and every extra of it need,
# whatever Python from 3.11 on and whatever system. Versions that still fit stay; `--upgrade` takes the newest,
# `--upgrade-package NAME` that of one. uv resolves in a folder of its own; nothing is installed.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9
cp constraints.txt "$tools/lock.txt"
# uv knows no settings of pip: the folder where pip finds wheels is handed on.
"$tools/venv/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --all-extras --constraints scripts/torch.txt \
  ${PIP_FIND_LINKS:+--find-links "$PIP_FIND_LINKS"} \
  ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX" --index-strategy unsafe-best-match} \
  --no-annotate --no-header --output-file "$tools/lock.txt" "$@" >/dev/null
{
  echo "# Exact versions of all dependencies, those of every extra too; written by \`make lock\`, not by hand."
  grep '^#' scripts/torch.txt
  cat "$tools/lock.txt"
} >constraints.txt
